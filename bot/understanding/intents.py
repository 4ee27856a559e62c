"""What an owner may want. The examples of each stand in knowledge/intents, one file an intent."""

from __future__ import annotations

from enum import StrEnum


class Intent(StrEnum):
    """One wish; the comment says what it covers."""

    ANNUITY_FEE = "annuity_fee"  # amount, due day, how to pay, how long a patent lasts
    ANNUITY_LATE = "annuity_late"  # forgotten, surcharge, lapsed, restoration
    FEE_REDUCTION = "fee_reduction"  # who pays less of the fees and how to file for it
    PATENT_FILING = "patent_filing"  # what can be patented, papers, cost, applicant
    PATENT_PROSECUTION = "patent_prosecution"  # stages, office actions, refusal, invalidation
    FAST_EXAM = "fast_exam"  # priority examination and pre-examination
    TRADEMARK_FILING = "trademark_filing"  # registering a mark
    TRADEMARK_DISPUTE = "trademark_dispute"  # refusal, opposition, non-use, invalidation, squatting
    TRADEMARK_RENEWAL = "trademark_renewal"  # renewal, term, change of name or address
    COPYRIGHT_REGISTRATION = "copyright_registration"  # works, software, ownership and term
    LICENSE_TRANSFER = "license_transfer"  # licence, assignment, recordal, inventors' reward
    VALUATION = "valuation"  # what a right is worth, grading
    PLEDGE = "pledge"  # loan on patents or marks
    INSURANCE = "insurance"  # IP insurance
    SUBSIDY = "subsidy"  # grants, awards, application windows
    INFRINGEMENT_PATENT = "infringement_patent"  # copied products, being accused
    INFRINGEMENT_TRADEMARK = "infringement_trademark"  # counterfeits, similar marks in trade
    INFRINGEMENT_COPYRIGHT = "infringement_copyright"  # pictures, texts, software used without leave
    TRADE_SECRET = "trade_secret"  # secrets, non-compete, leaving staff
    PLATFORM_COMPLAINT = "platform_complaint"  # complaints on shopping and content platforms
    CUSTOMS = "customs"  # recordal and detained goods
    OVERSEAS = "overseas"  # filing and fighting abroad
    MEDIATION = "mediation"  # mediation, administrative adjudication, complaint to the authority
    LAWSUIT = "lawsuit"  # court, damages, evidence, limitation
    CUSTODY = "custody"  # entrusting an agency
    NAVIGATION_ANALYSIS = "navigation_analysis"  # searches, FTO, early warning
    MANAGEMENT_STANDARD = "management_standard"  # the management standard inside the firm
    MY_DEADLINES = "my_deadlines"  # what of mine is due
    ADD_ASSET = "add_asset"  # remember, change or delete a right of mine
    HUMAN_AGENT = "human_agent"  # wants a person
    SETTINGS = "settings"  # reminder times, subscriptions, my data
    SMALLTALK = "smalltalk"  # greeting, thanks, help
    OTHER_IP = "other_ip"  # intellectual property that no other intent covers
    OUT_OF_SCOPE = "out_of_scope"  # anything else


IN_SCOPE: tuple[Intent, ...] = tuple(intent for intent in Intent if intent is not Intent.OUT_OF_SCOPE)
