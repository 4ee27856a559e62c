"""Answers to an open question: yes, no, 不清楚, 没有. Only a whole message, or its first clause, is an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from bot.understanding.slots.slot import Slot, SlotKind


class Answer(StrEnum):
    """What the person answered."""

    YES = "yes"
    NO = "no"
    NONE = "none"  # 没有: there is none, or it has not been done
    UNCLEAR = "unclear"  # 不清楚: not to be asked again in this goal


_WHOSE = "(?:我们?(?:公司|厂)?|公司|阿拉|这个|这件)?"
_HOW = "(?:都|也|还|倒|暂时|目前|现在|一个都|一件都|从来|一直|应该|好像|可能|大概|肯定|当然|确实|真的?|绝对)*"
_WORDS: dict[Answer, str] = {
    Answer.UNCLEAR: (
        "我?[也还]?(?:不太?|搞不|弄不|说不|记不)(?:清楚|知道|晓得|确定|清|准|好说|得了|好|明白|记得|太?懂|了解)了?"
        "|没注意过?|忘(?:记)?了|没概念|吃不准|不记得了?|拿不准|我?(?:要|得|去|得去)问(?:一?下|问)?(?:会计|财务|老板|别人)?(?:才知道|才清楚|看看)?|晓不得|弗晓得|勿晓得|[弗勿]清爽|[弗勿]清楚|不清爽"
    ),
    Answer.NONE: (
        rf"{_WHOSE}{_HOW}(?:没有?(?:没有)?|没得|无|木有|米有|么有|没弄过?|没办过?|没做过?)[过的了]?"
    ),
    Answer.NO: (
        rf"{_WHOSE}{_HOW}(?:不是|不对|不行|不用|不要|不需要|不想|不必|不可以|不能|不会|不同意|不愿意|否|非|算了|错了?|不好|不了|不)(?:的|了|啦|呀)?"
        "|no|nope|n|x|❌"
    ),
    Answer.YES: (
        rf"{_WHOSE}{_HOW}(?:是的?呀?|就是的?|是这样的?|对(?:的|啊|呀|对)*|嗯+[呐呢]?|有的?|好(?:的|啊|呀|吧|嘞)?|可以的?|行(?:的|吧)?|没错|没问题|确认|同意|要的?|需要的?|"
        "愿意|会的?|能的?|正确|对头|恩+|哦好|中|成|要得|来噻|已经?办了|办了|做了|弄了|当然(?:是|有)?的?|肯定的?|必须的?|那是)(?:了|啦|哈|哒)?"
        "|yes|yeah|yep|y|ok+|okay|okk|sure|√"
    ),
}
_FILLER = r"(?:嗯+|恩+|呃+|额+|哦+|啊|那个|这个|哎|唉|应该|好像|大概|可能)?[,、\s]?"
_END = r"(?:吧(?![?]))?[啊呀哎诶呢哦喔]{0,2}(?=$|[,.。!?;;、~\s])"
_PATTERNS = tuple(
    (answer, re.compile(rf"\s?{_FILLER}(?P<said>{words}){_END}", re.IGNORECASE))
    for answer, words in _WORDS.items()
)


def find_answers(text: str) -> Iterator[Slot]:
    """Yield the answer with which the normalised `text` begins, if it begins with one."""
    for answer, pattern in _PATTERNS:
        if match := pattern.match(text):
            yield Slot(SlotKind.ANSWER, match.start("said"), match.end("said"), match["said"], answer)
            return
