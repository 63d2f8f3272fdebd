"""What the form says in words, whether it is a workbook or a document.

Public names: ``headings``, ``heading``, ``described``, ``told_words``, ``told_figure``,
``seal_line``.
"""

from config.programmes import Action
from server.ledger.states import on_the_wall
from server.ledger.table import Figure, Scope, Table, Words
from server.ledger.values import told

_NUMERALS = "零一二三四五六七八九十"


def headings(scope: Scope) -> tuple[str, ...]:
    """Of the form's columns."""
    if len(scope.periods) == 1:
        figures: tuple[str, ...] = ("累计完成",)
    else:
        figures = tuple(f"{'一二三四'[one.quarter - 1]}季度累计" for one in scope.periods)
    return ("编号", "指标", "报送单位", "单位", "年度目标", *figures, "完成率%", "说明")


def heading(action: Action) -> str:
    """Of an action: 一、优质教育资源扩增赋能行动（责任单位：市教育局）."""
    number = action.number
    numeral = _NUMERALS[number] if number < len(_NUMERALS) else str(number)
    return f"{numeral}、{action.title}（责任单位：{'、'.join(action.units)}）"


def described(table: Table) -> str:
    """The line below the title."""
    made = f"{on_the_wall(table.made_at):%Y-%m-%d} 导出"
    return f"{table.subtitle}　　{table.scope.programme.document}　　{made}　　{table.trail}"


def told_words(words: Words) -> str:
    """How a unit's report stands and what it says, in one paragraph."""
    quarter = f"第{'一二三四'[words.period.quarter - 1]}季度"
    head = f"{words.unit}　{quarter}：{words.standing}"
    if words.number:
        head += f"（编号 {words.number}，摘要 {words.digest[:8]}，{words.submitted_on} 提交）"
    return "\n".join([head, *(f"{title}：{text}" for title, text in words.texts)])


def told_figure(figure: Figure) -> str:
    """A figure as people read it."""
    if figure.done is not None:
        return "已完成" if figure.done else "未完成"
    return told(figure.value)


def seal_line(scope: Scope) -> str:
    """Where the form is signed and stamped."""
    who = scope.unit or (scope.actions[0].lead if scope.action else scope.programme.office)
    gap = "\u3000" * 10
    day = "\u3000\u3000\u3000年\u3000\u3000月\u3000\u3000日"
    return f"{who}（盖章）：{gap}单位负责人：{gap}填报人：{gap}日期：{day}"
