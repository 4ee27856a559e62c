"""Authoring at the desk: a form, the text or a spreadsheet; checked at once; published by a second person; rolled back."""

from __future__ import annotations

import io
from typing import Any, cast

from nicegui import ui
from nicegui.elements.upload_files import SmallFileUpload
from nicegui.testing import User
from openpyxl import load_workbook

from desk.drafts import edit_link
from desk.new_document import new_path
from knowledge.drafts import DraftState
from knowledge.table_sheet import SHEET, template
from knowledge.yaml_edit import editable
from rules.document import DecisionTable
from store.asker import Role
from tests.unit.desk.conftest import Office, SignIn, press
from tests.unit.desk.newsroom import FILE, RULE_ID, TABLE, TABLE_FILE, Newsroom
from tests.unit.knowledge.conftest import RULE

AMOUNT = next(field.where for field in editable(RULE) if field.id == "versions[0].amount.formula#0")


async def see(user: User, text: str) -> None:
    await user.should_see(text)


def room(office: Office) -> Newsroom:
    assert office.room is not None
    return office.room


def type_into(user: User, label: str, value: str) -> None:
    user.find(kind=ui.input, content=label).clear().type(value).trigger("blur")


def editor_of(user: User) -> ui.codemirror:
    return cast(ui.codemirror, next(iter(user.find(kind=ui.codemirror).elements)))


async def write(user: User, text: str) -> None:
    """Put a text into the whole-text editor, as typing does."""
    with user:
        editor_of(user).set_value(text)


async def test_from_the_form_to_every_answer(bureau: Office, sign_in: SignIn) -> None:
    editor, approver = await sign_in("lin"), await sign_in("shen")
    await editor.open(f"/rule/{RULE_ID}")
    await editor.should_see("修改")
    await editor.open(edit_link(FILE))
    await see(editor, "和已发布的内容一样")
    type_into(editor, AMOUNT, "六千")
    await see(editor, "“六千”不是数字")
    type_into(editor, AMOUNT, "6000")
    await see(editor, "正在检查")  # what is shown below is of the text before
    await see(editor, "符合 → 符合，金额有变（1家）")
    await editor.should_see("甲区小厂")
    await editor.should_not_see("乙区小厂")
    await see(editor, "应为 5000，得到 6000")
    await editor.should_not_see("正在检查")
    await write(editor, RULE.replace("5000", "6000"))
    await see(editor, "检查和测试全部通过")
    type_into(editor, "为什么改（文号、来源）", "样例文件〔2026〕1号")
    press(editor, "保存草稿")
    await see(editor, "草稿已保存")
    await editor.open("/draft/1")
    await see(editor, "检查和测试全部通过")
    press(editor, "提交审批")
    await see(editor, "待审批")
    await editor.should_not_see(kind=ui.button, content="批准并发布")
    await approver.open("/drafts")
    await approver.should_see("等待审批（1）")
    await approver.open("/draft/1")
    await see(approver, "检查和测试全部通过")
    await approver.should_see("样例文件〔2026〕1号")
    press(approver, "批准并发布")
    await see(approver, "批准后立即按新内容回答")
    press(approver, "确定批准")
    await see(approver, "已批准并发布为第2版")
    assert room(bureau).answers_from[-1].rules[RULE_ID].versions[0].amount is not None
    (latest, first) = room(bureau).editorial.service.revisions.history()
    assert (latest.author, latest.approver, latest.note) == ("lin", "shen", "样例文件〔2026〕1号")
    assert latest.documents[FILE] == RULE.replace("5000", "6000")
    assert first.number == 1
    await editor.open("/draft/1")
    await see(editor, "已发布")
    await editor.should_see("shen先生，内容版本")


async def test_errors_are_shown_beside_the_text_with_their_place(bureau: Office, sign_in: SignIn) -> None:
    editor = await sign_in("lin")
    await editor.open(edit_link(FILE))
    await see(editor, "检查和测试全部通过")
    await write(editor, RULE.replace("注册地 ==", "注册处 =="))
    await see(editor, "第13行")
    await editor.should_see("注册处")
    assert 13 in editor_of(editor).line_tooltips
    await write(editor, RULE + "坏: [\n")
    await see(editor, "YAML 写法不对")
    press(editor, "保存草稿")
    await see(editor, "草稿已保存")  # half-done work is kept
    await editor.open("/draft/1")
    await see(editor, "有1处要改")
    press(editor, "提交审批")
    await see(editor, "检查没有通过")
    assert room(bureau).editorial.drafts.get(1).state is DraftState.DRAFT


async def test_a_window_and_an_end_are_added_in_the_form(bureau: Office, sign_in: SignIn) -> None:
    editor = await sign_in("lin")
    await editor.open(edit_link(FILE))
    type_into(editor, "版本 · 第1项 · 有效期 · 止", "2027-12-31")
    press(editor, "增加申报窗口")
    await see(editor, "名字，例如2027年第一批")
    type_into(editor, "名字，例如2027年第一批", "2027年第一批")
    editor.find(kind=ui.input, content="开始").type("2027-03-01")
    press(editor, "加上")
    await see(editor, "符合 → 符合，窗口未开（1家）")
    text = editor_of(editor).value
    assert "to: 2027-12-31" in text
    assert "windows: [{name: " in text


async def test_a_spreadsheet_is_read_and_its_formulas_refused(bureau: Office, sign_in: SignIn) -> None:
    editor = await sign_in("lin")
    await editor.open(edit_link(TABLE_FILE))
    await see(editor, "检查和测试全部通过")
    press(editor, "下载表格")
    response = await editor.download.next()
    book = load_workbook(io.BytesIO(response.content))
    book[SHEET]["F4"].value = 350
    await upload(editor, book)
    await see(editor, "表格已读入")
    assert "费用: 350" in editor_of(editor).value
    await see(editor, "有结论 → 有结论，内容有变（1家）")
    book[SHEET]["F4"].value = "=100+250"
    await upload(editor, book)
    await see(editor, "F4：这里是公式")
    assert "费用: 350" in editor_of(editor).value


async def upload(user: User, book: Any) -> None:
    data = io.BytesIO()
    book.save(data)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    picker = next(iter(user.find(kind=ui.upload).elements))
    await cast(Any, picker).handle_uploads([SmallFileUpload("表.xlsx", kind, data.getvalue())])


def test_the_template_is_that_of_the_table(bureau: Office) -> None:
    document = room(bureau).editorial.service.knowledge.document("route.sample")
    assert isinstance(document, DecisionTable)
    facts = room(bureau).editorial.service.knowledge.facts
    book = load_workbook(io.BytesIO(template(TABLE, document, 0, facts)))
    assert [cell.value for cell in book[SHEET][1]] == [
        "行号", "条件：注册地", "条件：人数", "其他情况", "结论：去哪里", "结论：费用", "依据", "备注",
    ]  # fmt: skip


async def test_nobody_approves_what_they_wrote(bureau: Office, sign_in: SignIn) -> None:
    editorial = room(bureau).editorial
    draft = editorial.drafts.begin(FILE, RULE, RULE.replace("5000", "6000"), "shen", bureau.now)
    editorial.drafts.submit(draft.number, draft.fingerprint, bureau.now)
    author, other = await sign_in("shen"), await sign_in("wu")
    await author.open("/draft/1")
    await see(author, "您参与写过这份草稿")
    await author.should_not_see(kind=ui.button, content="批准并发布")
    await other.open("/draft/1")
    await other.should_see(kind=ui.button, content="批准并发布")
    press(other, "退回")
    await see(other, "请写明要改什么")
    other.find("请写明要改什么").type("测试也要改")
    press(other, "确认退回")
    await see(author, "wu先生：测试也要改")
    press(author, "放弃")
    await see(author, "确定放弃吗")
    press(author, "确定放弃")
    await see(author, "已放弃")


async def test_a_draft_that_changed_after_it_was_read_is_not_approved(
    bureau: Office, sign_in: SignIn
) -> None:
    drafts = room(bureau).editorial.drafts
    draft = drafts.begin(FILE, RULE, RULE.replace("5000", "6000"), "lin", bureau.now)
    drafts.submit(draft.number, draft.fingerprint, bureau.now)
    approver = await sign_in("shen")
    await approver.open("/draft/1")
    press(approver, "批准并发布")
    await see(approver, "批准后立即按新内容回答")
    edited = drafts.edit(1, draft.fingerprint, RULE.replace("5000", "9000"), "lin", bureau.now)
    drafts.submit(1, edited.fingerprint, bureau.now)
    press(approver, "确定批准")
    await see(approver, "草稿内容已经改动")
    assert room(bureau).answers_from == []


async def test_one_click_back_by_an_approver_only(bureau: Office, sign_in: SignIn) -> None:
    service = room(bureau).editorial.service
    first = service.knowledge.hash
    texts = {**service.content.documents, FILE: RULE.replace("5000", "6000")}
    service.publish(texts, "lin", "shen", bureau.now, "提高标准")
    editor, approver = await sign_in("lin"), await sign_in("shen")
    await editor.open("/revisions")
    await editor.should_see("提高标准")
    await editor.should_see("改1个：policies/sample.yaml")
    await editor.should_not_see("回退到第1版")
    await approver.open("/revisions")
    press(approver, "回退到第1版")
    await see(approver, "立即生效")
    press(approver, "确定回退")
    await see(approver, "已回退，发布为第3版")
    await approver.should_see("程序自带的内容")
    await approver.should_not_see("→ 程序自带")
    assert room(bureau).answers_from[-1].hash == first
    assert service.revisions.history()[0].author == "shen"


async def test_a_new_rule_begins_from_a_sample(bureau: Office, sign_in: SignIn) -> None:
    editor = await sign_in("lin")
    await editor.open(f"/rule/{RULE_ID}")
    for name, said in (("Not An Id", "编号只能用小写字母"), (RULE_ID, "已经用了"), ("subsidy.next", "")):
        press(editor, "以此为样本新建")
        await see(editor, "新的编号")
        editor.find(kind=ui.input, content="新的编号，例如 subsidy.haishu-patent-2027").type(name)
        press(editor, "开始写")
        if said:
            await see(editor, said)
    target = new_path(FILE, "subsidy.next")
    await see(editor, target)
    (draft,) = room(bureau).editorial.drafts.all()
    assert (draft.path, draft.base) == ("policies/next.yaml", "")
    assert "id: subsidy.next\n" in draft.text


async def test_a_broken_folder_is_shown_to_those_who_can_have_it_mended(
    bureau: Office, sign_in: SignIn
) -> None:
    path = room(bureau).root / "knowledge" / FILE
    path.write_text(RULE.replace("cite: S1#第一条", "cite: S9#第一条"), encoding="utf-8")
    room(bureau).editorial.service.reload(bureau.now)
    await bureau.hire("li", Role.OPERATOR)
    for login in ("lin", "li"):
        user = await sign_in(login)
        await user.open("/library")
        await user.should_see(f"{FILE}:13")
        await user.open("/revisions")
        await user.should_see(f"{FILE}:13")
    agency = await sign_in("zhou")
    await agency.open("/library")
    await agency.should_not_see(f"{FILE}:13")


async def test_agencies_and_operators_edit_nothing(bureau: Office, sign_in: SignIn) -> None:
    await bureau.hire("li", Role.OPERATOR)
    room(bureau).editorial.drafts.begin(FILE, RULE, RULE, "lin", bureau.now)
    for login in ("zhou", "li"):
        user = await sign_in(login)
        for path in ("/drafts", "/draft/1", edit_link(FILE)):
            await user.open(path)
            await user.should_see("不能看这个页面")
    lin = await sign_in("lin")
    for path in ("/draft/99", edit_link("../../etc/passwd"), edit_link("policies/none.yaml")):
        await lin.open(path)
        await lin.should_see("找不到这一条")
