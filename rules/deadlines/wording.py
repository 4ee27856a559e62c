"""Every Chinese sentence that this package says, in one place. `{}` fields are filled by name."""

from __future__ import annotations

from typing import Final

# Steps of a count.
STEP_START: Final = "自{day}（{label}）起，首日不计"
NEXT_MONTH: Final = "{label}的次月1日"
STEP_SERVED: Final = "{label}{day}，{words}，视为{served}收到"
STEP_RECEIVED: Final = "实际收到日为{day}"
STEP_PERIOD: Final = "加{period}，到{day}"
STEP_BACK: Final = "往前推{period}，到{day}"
STEP_MONTH_END: Final = "当月没有{number}日，以当月最后一日为准"
STEP_SAME_DAY: Final = "以{label}当日为准：{day}"
STEP_WORKING_DAYS: Final = "调休上班的周末算工作日，法定假日不算"
STEP_ROLL: Final = "{day}是休息日，顺延到其后第一个工作日{rolled}"
STEP_ROLL_NONE: Final = "{day}是工作日，不顺延"
STEP_NO_ROLL: Final = "这一天不因休息日顺延"
STEP_SAFE: Final = "稳妥起见，请在{day}或之前办完"
STEP_LATER: Final = "几个日子取较晚的：{day}"
STEP_EARLIER: Final = "几个日子取较早的：{day}"
STEP_DAY_BEFORE: Final = "最后一天是相应日的前一日：{day}"
STEP_YEAR_END: Final = "保护到当年12月31日：{day}"
STEP_PATENT_YEAR: Final = "第{year}年度自{day}（申请日{filing}满{before}年）开始，年费最迟在这一天缴"
STEP_GRACE: Final = "另有宽展（滞纳）期，到{day}"
STEP_REGISTERED: Final = "自核准注册日{day}起算，每期十年"
STEP_TERM: Final = "第{number}期的最后一天是相应日的前一日：{day}"
STEP_OPENS: Final = "可以从{day}起办理"

PROVISIONAL: Final = "{year}年的放假安排还没有公布，顺延后的日子是暂定的，公布后会重新计算"
UNRECORDED: Final = "{year}年的放假安排不在日历数据里，只按周末推算"
OLD_TEXT: Final = "依据的是《{title}》现行文本（{day}起施行），而这个期限落在此前，当时的规定可能不同"
ALTERNATIVE: Final = "按{since}起施行的新规定计算的届满日"

# Inputs.
MISSING: Final = "还缺“{label}”（{name}）{hint}。"
NO_RULE: Final = "“{label}”（{name}）与其他内容合在一起没有对应的规则{hint}。"
MISSING_ONE: Final = "还缺“{labels}”中的一个{hint}。"
UNKNOWN_INPUT: Final = "“{name}”不是这一项用得到的内容，可以填的是：{allowed}。"
UNKNOWN_KIND: Final = "没有“{kind}”这种期限{near}。可用“zhituo deadlines kinds”查看全部种类。"
TWICE: Final = "“{name}”写了两次，请只留一个。"
NOT_A_DAY: Final = "“{label}”（{name}）应当是真实存在的日期，例如2020-04-15，收到的是“{value}”。"
NOT_A_CHOICE: Final = "“{label}”（{name}）只能是：{allowed}，收到的是“{value}”。"
NOT_A_COUNT: Final = "“{label}”（{name}）应当是{least}到{most}之间的整数，收到的是“{value}”。"
NOT_A_COUNT_FROM: Final = "“{label}”（{name}）应当是不小于{least}的整数，收到的是“{value}”。"
NOT_A_FLAG: Final = "“{label}”（{name}）只能是 yes（是）或 no（否），收到的是“{value}”。"
NOT_YUAN: Final = "“{label}”（{name}）应当是不小于0的金额（元，最多两位小数），收到的是“{value}”。"
BEFORE_STATUTE: Final = "“{label}”（{name}）不能早于{statute}，那时相应的法律还没有施行。"
IN_FUTURE: Final = "“{label}”（{name}）不能晚于{as_of}（计算所用的当天）。"
TOO_FAR: Final = "“{label}”（{name}）不能晚于{last}。"
ORDER: Final = "“{later}”（{later_name}）不能早于“{earlier}”（{earlier_name}，{day}）。"
YEAR_RANGE: Final = "“年度”（year）应当是1到{most}之间的整数：这类专利的期限是{most}年，收到的是“{value}”。"
DELIVERY_NEEDED: Final = (
    "“送达方式”（delivery）必须说明：电子、邮寄、直接送交，还是公告送达，收到日才算得出来。"
)
DELIVERY_UNKNOWN: Final = (
    "“送达方式”（delivery）：这个程序没有“{value}”送达的规则，请改填实际收到日（received）。"
)
GRANT_NEEDED: Final = "“授权公告日”（grant）：不给年度（year）时，要有授权公告日才知道下一笔是哪一年。"
GOODS_PER_CLASS: Final = "“商品或服务项数”（goods）应当每个类别一个数，共{classes}个，例如 12,8。"
PAID_BEFORE_YEAR: Final = "“缴费日”（paid_on）不能早于申请日。"
REDUCTION_VALUES: Final = (
    "“减缴比例”（reduction）只能是 0、70 或 85（单个权利人85，两个及以上70），收到的是“{value}”。"
)
OUT_OF_RANGE: Final = "算出的日子超出了公历能表示的范围，请检查日期。"
GRANT_YEAR_PAST: Final = "“年度”（year）{year}早于授权当年（第{grant_year}年度），授权前不缴年费。"

# Annuities.
ANNUITY_TITLE: Final = "第{year}年度年费"
ANNUITY_IN_TIME: Final = "{last}（含）前缴，没有滞纳金"
NOTE_COMPENSATION: Final = "期限补偿期共{days}天，满{years}年，每满一年{amount}，不满一年的部分不缴"
PAID_IN_TIME: Final = "按期缴纳，没有滞纳金"
PAID_LATE: Final = "这一天属于滞纳金{percent}%的时段"
PAID_GAP: Final = "这一天在六个月届满日之后、顺延后的届满日之前，是否还能缴以缴费通知书印的日期为准"
PAID_TOO_LATE: Final = "已超过六个月的滞纳期，专利权自{day}起终止，只能请求恢复"
CHECK_PAID: Final = "请先核对第{year}年度年费（{nominal}到期，滞纳期到{grace}）是否已经缴过"
OPEN_LICENCE_NOTE: Final = "开放许可期间减15%；与费用减缴不叠加，取减得多的"

# Amounts.
FEE_NEEDS: Final = "要知道“{label}”才能算出金额"
FEE_NOT_THEN: Final = "没有核到这一天适用的金额"
FEE_NONE: Final = "没有与这些条件相应的金额，请检查所填的内容"
ONLY_RECEIVED: Final = "只给了收到日：专利的电子通知书从发文日起算，不看下载日，请与通知书的发文日核对"
REDUCED: Final = "减缴{percent}%后应缴"
NOT_REDUCIBLE: Final = "这项费用不减缴"
SURCHARGE: Final = "滞纳金（全额年费的{percent}%）"

# Numbers.
NUMBER_EMPTY: Final = "请给出申请号，例如 ZL 2020 1 0293847.9。"
NUMBER_SHAPE: Final = (
    "“{text}”不像中国专利申请号：应当是12位数字加校验位（2003年10月以后），或8位数字加校验位（更早）。"
)
NUMBER_PUBLICATION: Final = (
    "“{text}”是公布（公告）号，不是申请号；申请号在证书和通知书上，12位数字加一位校验位。"
)
NUMBER_TYPE: Final = "“{text}”里表示种类的第{place}位是{digit}，应当是1（发明）、2（实用新型）、3（外观设计）、8或9（国际申请）。"
NUMBER_YEAR: Final = "“{text}”开头的年份{year}不对，应当在{first}到{last}之间。"
NUMBER_CHECK: Final = (
    "“{text}”的校验位不对：按前面的数字算应当是{right}，写的是{given}，请对照证书或通知书再看一遍。"
)
TM_SHAPE: Final = "“{text}”不像商标注册号：应当是1到9位数字（国际注册号前面有G），例如 12345678。"

# Assets.
ASSET_ORDER: Final = "“{later}”不能早于“{earlier}”。"
JOINT_REDUCTION: Final = "“减缴比例”（reduction）：两个及以上权利人最多减缴70%，不能填85。"
NO_DAY: Final = "“{title}”没有可以计算的日子，不能列为期限事项。"

# The life of an asset.
UNTIL_RANGE: Final = "“算到哪一天”（to）应当在{first}和{last}之间。"
GRANT_UNKNOWN: Final = "没有授权公告日：这里从第2年度起列出全部年费，实际只从授权当年起缴"
GRANT_YEAR_NOTE: Final = "办理登记手续时缴，最后一日以授予专利权通知书为准；这里记在授权公告日"
ENDS_UNPAID: Final = "第{year}年度年费不缴，专利权自{day}起终止"
GIVE_UP_RANGE: Final = "“从第几年度起放弃”（give_up_year）应当是{first}到{last}之间的整数。"
LATE_DAYS_RANGE: Final = "“晚缴天数”（late_days）应当是0到3650之间的整数。"

# Files that go out.
ICS_LATE: Final = "补交的最后期限：{title}"
ICS_ALARM: Final = "{title}：距安全日还有{days}天"
ICS_SAFE: Final = "请在{day}或之前办完"
ICS_NOMINAL: Final = "法定期限届满日{nominal}，顺延后{legal}"
ICS_AMOUNT: Final = "按期应缴{amount}"
ICS_GRACE: Final = "宽展（滞纳）期到{day}"
ICS_PROVISIONAL: Final = "放假安排未公布，日子是暂定的"
XLSX_SHEET: Final = "期限表"
XLSX_AS_OF: Final = "截至{day}"
XLSX_COLUMNS: Final = (
    "种类",
    "号码",
    "名称",
    "事项",
    "安全日",
    "名义届满日",
    "顺延后届满日",
    "剩余天数",
    "宽展期止",
    "逾期后果",
    "应缴（元）",
    "依据",
)
