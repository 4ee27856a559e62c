"""`zhituo knowledge check FILE` on hostile files: refused with the place, in bounded time, without a stack trace."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli_knowledge import app

RUN = CliRunner()
SECONDS = 2.0  # of this thread's own time

FACTS = "注册地: {type: enum, values: [甲区, 乙区], ask: 在哪个区？}\n" + "".join(
    f"数{number}: {{type: int, ask: 几个？}}\n" for number in range(40)
)
HEAD = "id: a.b\nkind: subsidy\ntitle: 样例\nowner: 组\nreview_by: 2027-06-30\nsources: {S1: {title: 办法}}\n"
TEST = "  - {name: t, as_of: 2026-11-20, facts: {数1: 10}, expect: {status: eligible}}\n"
TABLE = "schema: table/1\n" + HEAD + "hit: HIT\ninputs: [INPUTS]\noutputs: {o: OUT}\nrows:\n"


def rule(*conditions: str, tests: str = TEST, amount: str = "") -> str:
    """A rule with these conditions on line 10 and after."""
    nodes = "".join(
        f'        - {{id: n{place}, if: "{condition}", cite: S1, pass: y, fail: n}}\n'
        for place, condition in enumerate(conditions)
    )
    versions = "versions:\n  - valid: {from: 2026-01-01, cite: S1}\n    require:\n      all:\n"
    money = f"    amount: {{unit: 元, round: down, cite: S1, {amount}}}\n" if amount else ""
    return f"schema: rules/1\n{HEAD}{versions}{nodes}{money}tests:\n{tests}"


def table(hit: str, *rows: tuple[str, str], inputs: str = "数1", out: str = "any") -> str:
    """A decision table; `rows` are cells and output."""
    lines = "".join(
        f"  - {{id: r{place}, when: {cells}, then: {{o: {output}}}, cite: S1}}\n"
        for place, (cells, output) in enumerate(rows)
    )
    head = TABLE.replace("HIT", hit).replace("INPUTS", inputs).replace("OUT", out)
    return head + lines + "tests:\n  - {name: t, as_of: 2026-11-20, facts: {数1: 5}, expect: {}}\n"


def inline_tests(count: int) -> str:
    return "".join(
        f"  - {{name: t{place}, as_of: 2026-11-20, facts: {{注册地: 甲区}}, expect: {{status: unknown}}}}\n"
        for place in range(count)
    )


SUM = "collect\naggregate: sum"
HOSTILE = {
    # expressions
    "attribute": (rule("数1.__class__ == 1"), "取属性"), "import": (rule("__import__('os') == 1"), "__import__"),
    "call": (rule("open('x') == 1"), "open"), "comprehension": (rule("[x for x in 数1] == 1"), "推导式"),
    "f-string": (rule("数1 == f'{1}'"), "f 字符串"), "power": (rule("数1 > 2 ** 3"), "四则"),
    "huge literal": (rule("数1 > 99999999999999999999"), "太大"), "lambda": (rule("(lambda: 1) == 数1"), "函数"),
    "deep brackets": (rule("(" * 200 + "数1" + ")" * 200 + " > 1"), "嵌套"),
    "many signs": (rule("-" * 1900 + "1 > 数1"), "表达式"), "long sum": (rule("数1 + " * 390 + "1 > 2"), "复杂"),
    "choice in choice": (rule("(" + "1 if 数1 else " * 100 + "2) > 1"), "复杂"), "too long": (rule("数1" * 1500 + " > 1"), "字符"),
    "a day that is none": (rule("date(0, 0, 0) > as_of"), "date"), "mixed list": (rule("数1 in [1, 'a']"), "列表"),
    "division by nothing": (rule("数1 / 0 > 1"), "算不出"), "no step": (rule("round_up(数1, 0) > 1"), "大于零"),
    # YAML
    "nul": (rule("数1 > 1").replace("样例", "样\0例"), "U+0000"), "tab": (rule("数1 > 1").replace("  - valid", "\t- valid"), "YAML"),
    "lone surrogate": (rule("数1 > 1").replace("样例", "样\ud800例"), "UTF-8"),
    "escaped surrogate": (rule("数1 > 1").replace("样例", '"\\ud800"'), "YAML"),
    "aliases": ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "锚点"), "anchors": (rule("数1 > 1").replace("样例", "&a 样例"), "锚点"),
    "duplicate key": (rule("数1 > 1") + "kind: pledge\n", "两次"), "tag": (rule("数1 > 1").replace("样例", "!!python/name:os.system"), "标签"),
    "deep flow": (f"schema: rules/1\nx: {'[' * 20_000}{']' * 20_000}\n", "嵌套"),
    "deep blocks": ("".join(" " * depth + "a:\n" for depth in range(800)), "嵌套"),
    "deep tree": (rule("数1 > 1").replace("      all:", "      " + "{not: " * 60 + "x" + "}" * 60), "嵌套"),
    "one megabyte": (rule("数1 > 1") + "#" * 1_000_000, "字符"), "three megabytes": ("#" * 3_000_000, "MB"),
    "a list": ("- a\n", "键: 值"), "key of several": ("? [a, b]\n: 1\n", "键只能是文字"), "nothing": ("", "空"),
    # forms
    "let in a circle": (rule("数1 > 1", amount="let: {a: b + 1, b: a + 1}, formula: a"), "绕了一圈"),
    "let of itself": (rule("数1 > 1", amount="let: {a: a + 1}, formula: a"), "绕了一圈"),
    "let that doubles": (
        rule("数1 > 1", amount="let: {" + ", ".join(f"l{n}: l{n + 1} + l{n + 1}" for n in range(40)) + ", l40: 数1}, formula: l0"),
        "没有",
    ),
    "an amount in days": (rule("数1 > 1", amount="formula: as_of"), "算不出"), "an amount in words": (rule("数1 > 1", amount="formula: \"'a'\""), "算不出"),
    "sum of words": (table(SUM, ("{数1: 5}", "abc"), ("{数1: '>= 1'}", "3")), "算不出"),
    "list in a cell": (table("first", ("{数1: [[1]]}", "x")), "列表"), "word in a cell": (table("first", ("{数1: a}", "x")), "比较"),
    "cell with code": (table("first", ("{数1: '>= 3 and import os'}", "x")), "比较符"),
    "output with code": (table("first", ("{数1: 5}", "open(1)"), out="money"), "open"),
    # much of it
    "many conditions": (rule(*(f"数{n % 40} >= {n}" for n in range(3000))), "条件"),
    "many tests": (rule(*(f"数{n} >= 1" for n in range(40)), tests=inline_tests(900)), "太多"),
    "many cases": (rule(*(f"数{n % 4} >= {n}" for n in range(300)), tests=inline_tests(80)), "太多"),
    "many regions": (
        table("unique", *(("{" + ", ".join(f"数{n}: '>= {row + n}'" for n in range(12)) + "}", "x") for row in range(12)),
              inputs=", ".join(f"数{n}" for n in range(12))),
        "情形",
    ),
    "rows that all hold": (table("any", *((f"{{数1: '>= {n}'}}", str(n)) for n in range(390))), ""),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("facts/company.yaml", FACTS), ("policies/keep.yaml", "")):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_place(folder: Path, name: str) -> None:
    text, words = HOSTILE[name]
    path = folder / "policies" / "x.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    began = time.thread_time()
    result = RUN.invoke(app, ["check", str(path), "--today", "2026-11-20"])
    assert time.thread_time() - began < SECONDS
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    first = result.output.splitlines()[0]
    assert re.match(r"policies/x\.yaml:\d+:\d+", first)
    assert words in result.output


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    result = RUN.invoke(app, ["check", str(folder / "policies" / "nothing.yaml")])
    assert result.exit_code == 1
    assert "没有这个文件" in result.output


def test_one_sound_file_is_checked_alone_against_the_facts_beside_it(folder: Path) -> None:
    shipped = Path(__file__).parents[3] / "knowledge" / "disputes" / "court-fee.yaml"
    assert RUN.invoke(app, ["check", str(shipped), "--today", "2026-11-20"]).exit_code == 0
    copy = folder / "policies" / "court-fee.yaml"
    copy.write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    result = RUN.invoke(app, ["check", str(copy), "--today", "2026-11-20"])
    assert "事实字典里没有“诉讼请求有金额”" in result.output
