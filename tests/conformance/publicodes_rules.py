"""A file of Publicodes rules in our own forms: formulas, tables, brackets, and trees for when a rule applies.

One instance translates a file for one situation. Rules without a definition become facts; what does not apply here
is `none`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import Any

from rules.expressions import parse_expression
from rules.tree import Formal, Needs, Negated
from tests.conformance.outcome import OutOfScope, Reason
from tests.conformance.publicodes_expressions import Term, added, both, multiplied, read
from tests.conformance.publicodes_units import Unit, agreed, scaled

_WORDS_ONLY = {
    "titre", "description", "question", "note", "références", "exemples", "unité attendue", "icônes", "résumé",
    "type", "possiblement non applicable", "acronyme", "experimental", "metadata",
}  # fmt: skip
_REFUSED = {
    "contexte": Reason.WHAT_IF, "remplace": Reason.WHAT_IF, "rend non applicable": Reason.WHAT_IF,
    "résoudre la référence circulaire": Reason.WHAT_IF, "situation": Reason.WHAT_IF, "recalcul": Reason.WHAT_IF,
    "est défini": Reason.ASKS_WHAT_IS_KNOWN, "est non défini": Reason.ASKS_WHAT_IS_KNOWN,
    "texte": Reason.TEXT, "simplifier l'unité": Reason.UNITS,
}  # fmt: skip
_CHAINED = (
    "abattement",
    "par défaut",
    "plafond",
    "plancher",
    "unité",
    "arrondi",
    "non applicable si",
    "applicable si",
)
_PLACES = re.compile(r"^(\d+) décimales?$")


def word(name: str) -> str:
    """Return the name of our fact or `let` for a rule."""
    return "r_" + re.sub(r"\W", "_", name)


class Rules:
    """The rules of a file in one situation."""

    def __init__(self, content: Mapping[str, Any], situation: Mapping[str, Any]) -> None:
        self.content = {name: {} if node is None else node for name, node in content.items()}
        self.situation = {self._found(name, ""): node for name, node in situation.items()}
        self.facts: dict[str, str] = {}  # our names of the facts, and theirs
        self.defaults: set[str] = set()  # facts that have a value without being told
        self.lets: dict[str, Any] = {}
        self.open: list[str] = []

    def applies_and_value(self, name: str) -> tuple[Formal | None, Term]:
        """Return when a rule applies, as a tree (None: always), and its value when it does."""
        with self._within(name):
            node = self._node(name)
            if not isinstance(node, dict):
                return None, self._rule(name)
            needed: list[Formal] = []
            if "applicable si" in node:
                needed.append(self._tree(node["applicable si"]))
            if "non applicable si" in node:
                needed.append(Negated(self._tree(node["non applicable si"])))
            rest = {
                key: item for key, item in node.items() if key not in ("applicable si", "non applicable si")
            }
            value = self._mechanisms(rest, name)
        return (Needs(len(needed), tuple(needed)) if needed else None), value

    @contextmanager
    def _within(self, name: str) -> Any:
        if name in self.open:
            raise OutOfScope(Reason.WHAT_IF, f"{name} depends on itself")
        self.open.append(name)
        try:
            yield
        finally:
            self.open.pop()

    def _node(self, name: str) -> Any:
        node = self.content[name]
        if name not in self.situation:
            return node
        chained = {key: node[key] for key in node if key in _CHAINED[1:]} if isinstance(node, dict) else {}
        return {**chained, "valeur": self.situation[name]}

    def _found(self, name: str, inside: str) -> str:
        parts = inside.split(" . ") if inside else []
        for depth in range(len(parts), -1, -1):
            full = " . ".join([*parts[:depth], name])
            if full in self.content:
                return full
        return name

    def _named(self, name: str) -> Term:
        full = self._found(name, self.open[-1] if self.open else "")
        if full not in self.content:
            raise ValueError(f"no rule {name!r}")
        if any(full in _targets(node) for node in self.content.values()):
            raise OutOfScope(Reason.WHAT_IF, f"{full} is replaced")
        return self._rule(full)

    def _rule(self, name: str) -> Term:
        """Return the term of a rule: its value where it and the rules above it apply."""
        if self.open and self.open[-1] == name:
            value = self._mechanisms(self._node(name), name)
        else:
            with self._within(name):
                value = self._mechanisms(self._node(name), name)
        above = name.rpartition(" . ")[0]
        if above in self.content and above not in self.open:
            parent = self._rule(above)
            applies = parent.text if parent.is_truth else parent.when
            if applies:
                value = _only(value, applies)
        return value

    def _fact(self, name: str, node: Mapping[str, Any]) -> Term:
        fact = word(name)
        self.facts[fact] = name
        if "par défaut" in node:
            self.defaults.add(fact)
        unit = Unit.read(node["unité"]) if node.get("unité") else None
        may_be_absent = node.get("possiblement non applicable") == "oui"
        return Term(fact, unit, when=f"has({fact})" if may_be_absent else "")

    def term(self, node: Any) -> Term:
        """Return the term of a value: a plain one, an expression, or mechanisms."""
        match node:
            case bool():
                return Term("true" if node else "false", is_truth=True)
            case int() | float():
                return read(str(node), self._named)
            case str():
                return read(node, self._named)
            case dict():
                return self._mechanisms(node, "")
            case _:
                raise ValueError(f"not understood: {node!r}")

    def _mechanisms(self, node: Any, name: str) -> Term:
        """Return the value of a rule or of a part of one, with what is chained to it, the innermost first."""
        if not isinstance(node, dict):
            return self.term(node)
        for key in node:
            if key in _REFUSED:
                raise OutOfScope(_REFUSED[key], key)
            if key not in _WORDS_ONLY and key not in _CHAINED and key not in _VALUES:
                raise OutOfScope(Reason.MECHANISM, key)
        found = [key for key in node if key in _VALUES]
        if found:
            value = _VALUES[found[0]](self, node[found[0]])
        else:
            value = self._fact(name or "une valeur sans nom", node)
        for key in _CHAINED:
            if key in node and key != "par défaut":
                value = self._chained(key, node[key], value)
        return value

    def _chained(self, key: str, node: Any, value: Term) -> Term:
        match key:
            case "unité":
                return _in_unit(value, Unit.read(str(node or "")))
            case "arrondi":
                return self._rounded(value, node)
            case "applicable si":
                return _only(value, self._condition(node))
            case "non applicable si":
                return _only(value, f"(not {self._condition(node)})")
            case "abattement":
                off = self.term(node)
                share = off.unit is not None and not off.unit.powers and off.unit.scale != 1
                taken = f"{value.text} * {off.text}" if share else f"max(0, {off.or_none})"
                return replace(value, text=f"max(0, {value.text} - {taken})")
            case _:
                limit = self.term(node)
                agreed(value.unit, limit.unit)
                pick = "min" if key == "plafond" else "max"
                limited = f"{pick}({value.text}, {limit.or_none})"
                # What does not apply has no limit either.
                return replace(
                    value, text=f"({limited} if {value.when} else none)" if value.when else limited
                )

    def _rounded(self, value: Term, node: Any) -> Term:
        places = self._places(node)
        if places is None:
            return value
        scale = value.unit.scale if value.unit else Fraction(1)
        step = "1" if places == 0 else f"0.{'0' * (places - 1)}1"
        shown = scaled(value.text, 1 / scale)
        return replace(value, text=scaled(f"round_half_up({shown}, {step})", scale))

    def _places(self, node: Any) -> int | None:
        """Return the places kept, None for no rounding; a reference is followed."""
        for _ in range(len(self.content) + 1):
            if node in (True, "oui"):
                return 0
            if node in (False, "non"):
                return None
            if match := _PLACES.match(str(node)):
                return int(match[1])
            name = self._found(str(node), self.open[-1] if self.open else "")
            if name not in self.content:
                break
            node = self.situation.get(name, self.content[name])
        raise OutOfScope(Reason.MECHANISM, f"rounding as computed: {node}")

    def _condition(self, node: Any) -> str:
        return self.term(node).text

    def _tree(self, node: Any) -> Formal:
        if isinstance(node, dict) and len(node) == 1:
            ((key, parts),) = node.items()
            if key in ("toutes ces conditions", "une de ces conditions"):
                trees = tuple(self._tree(part) for part in parts)
                return Needs(len(trees) if key.startswith("toutes") else 1, trees)
        return parse_expression(self._condition(node))

    def _list(self, node: Any) -> list[Term]:
        parts = node.values() if isinstance(node, dict) else node
        return [self.term(part) for part in parts]

    def _sum(self, node: Any) -> Term:
        first, *others = self._list(node)
        for term in others:
            first = added(first, term)
        return first

    def _product(self, node: Any) -> Term:
        first, *others = self._list(node)
        for term in others:
            first = multiplied(first, term)
        return first

    def _extreme(self, node: Any, pick: str) -> Term:
        terms = self._list(node)
        unit = None
        for term in terms:
            unit = agreed(unit, term.unit) if unit or term.unit else None
        when = "" if any(not term.when for term in terms) else f"({' or '.join(term.when for term in terms)})"
        return Term(f"{pick}({', '.join(term.or_none for term in terms)})", unit, when=when)

    def _variations(self, node: Any) -> Term:
        text, when, unit, is_truth = "none", "", None, False
        tests = [self._condition(line["si"]) for line in node if "si" in line]
        complete = any("sinon" in line for line in node)
        for line in reversed(node):
            value = self.term(line["sinon"] if "sinon" in line else line["alors"])
            unit, is_truth = value.unit or unit, value.is_truth
            if "sinon" in line:
                text = value.text
            else:
                text = f"({value.text} if {self._condition(line['si'])} else {text})"
        if not complete:
            when = f"({' or '.join(tests)})"
        return Term(text, unit, is_truth, when)

    def _joined(self, node: Any, sign: str) -> Term:
        return Term("(" + f" {sign} ".join(term.text for term in self._list(node)) + ")", is_truth=True)

    def _applies(self, node: Any, wanted: bool) -> Term:
        when = self.term(node).when
        if not when:
            return Term("true" if wanted else "false", is_truth=True)
        return Term(when if wanted else f"(not {when})", is_truth=True)

    def _brackets(self, node: Mapping[str, Any], kind: str) -> Term:
        base = self.term(node["assiette"])
        rows, rates = [], []
        for line in node["tranches"]:
            if "montant" in line:
                raise OutOfScope(Reason.MECHANISM, "an amount in a marginal bracket")
            rates.append(self.term(line["taux"]))
            row = {"rate": rates[-1].text, "cite": "S"}
            if "plafond" in line:
                row["up_to"] = self.term(line["plafond"]).text
            rows.append(row)
        form: dict[str, Any] = {"brackets": kind, "of": base.text, "rows": rows}
        if "multiplicateur" in node:
            form["scale"] = self.term(node["multiplicateur"]).text
        name = f"l_{len(self.lets)}"
        self.lets[name] = form
        return Term(name, base.unit if kind == "marginal" else rates[0].unit)

    def _grid(self, node: Mapping[str, Any]) -> Term:
        base, text, unit = self.term(node["assiette"]).text, "none", None
        by = self.term(node["multiplicateur"]).text if "multiplicateur" in node else ""
        for line in reversed(node["tranches"]):
            value = self.term(line["montant"] if "montant" in line else line["taux"])
            unit = value.unit or unit
            if "plafond" not in line:
                text = value.text
                continue
            end = self.term(line["plafond"]).text
            text = f"({value.text} if {base} < {f'{end} * {by}' if by else end} else {text})"
        return Term(text, unit)

    def _duration(self, node: Mapping[str, Any]) -> Term:
        start, end = self.term(node.get("depuis", "")), self.term(node.get("jusqu'à", ""))
        return Term(f"days_between({start.text}, {end.text})", Unit.read("jour"))

    def _constant(self, node: Mapping[str, Any]) -> Term:
        return Term("none", when="false") if node.get("nodeValue") is None else self.term(node["nodeValue"])


def _targets(node: Any) -> list[str]:
    replaced = node.get("remplace") if isinstance(node, dict) else None
    listed = replaced if isinstance(replaced, list) else [replaced] if replaced else []
    return [str(item.get("références à", item)) if isinstance(item, dict) else str(item) for item in listed]


def _only(value: Term, condition: str) -> Term:
    return replace(value, text=f"({value.text} if {condition} else none)", when=both(condition, value.when))


def _in_unit(value: Term, unit: Unit) -> Term:
    if value.unit is None:
        return value if value.is_truth else replace(value, text=scaled(value.text, unit.scale), unit=unit)
    if value.unit.powers != unit.powers:
        raise OutOfScope(Reason.UNITS, f"{value.unit.powers} as {unit.powers}")
    return replace(value, unit=unit)


_VALUES: dict[str, Any] = {
    "valeur": Rules.term,
    "formule": Rules.term,
    "somme": Rules._sum,
    "produit": Rules._product,
    "le maximum de": lambda rules, node: rules._extreme(node, "max"),
    "le minimum de": lambda rules, node: rules._extreme(node, "min"),
    "variations": Rules._variations,
    "toutes ces conditions": lambda rules, node: rules._joined(node, "and"),
    "une de ces conditions": lambda rules, node: rules._joined(node, "or"),
    "est applicable": lambda rules, node: rules._applies(node, True),
    "est non applicable": lambda rules, node: rules._applies(node, False),
    "barème": lambda rules, node: rules._brackets(node, "marginal"),
    "taux progressif": lambda rules, node: rules._brackets(node, "linear"),
    "grille": Rules._grid,
    "durée": Rules._duration,
    "constant": Rules._constant,
}
