"""Shopping and content platforms: 淘宝, 拼多多, 抖音, 亚马逊."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from bot.understanding.slots.slot import Slot, SlotKind
from bot.understanding.slots.terms import TermFinder


class Platform(StrEnum):
    """A platform; the value is the name that people read."""

    TAOBAO = "淘宝"
    TMALL = "天猫"
    ALIBABA_1688 = "1688"
    JD = "京东"
    PINDUODUO = "拼多多"
    DOUYIN = "抖音"
    KUAISHOU = "快手"
    XIAOHONGSHU = "小红书"
    WECHAT = "微信"
    XIANYU = "闲鱼"
    MEITUAN = "美团"
    ELEME = "饿了么"
    DEWU = "得物"
    VIPSHOP = "唯品会"
    WEIBO = "微博"
    BILIBILI = "哔哩哔哩"
    AMAZON = "亚马逊"
    ALIEXPRESS = "速卖通"
    ALIBABA_INTERNATIONAL = "阿里国际站"
    TEMU = "Temu"
    SHEIN = "SHEIN"
    TIKTOK = "TikTok"
    EBAY = "eBay"
    SHOPEE = "Shopee"
    LAZADA = "Lazada"
    WALMART = "沃尔玛"


_ALIASES: dict[Platform, tuple[str, ...]] = {
    Platform.TAOBAO: ("淘宝网", "淘宝", "某宝", "taobao", "tb", "陶宝", "桃宝", "万能的淘宝"),
    Platform.TMALL: ("天猫", "tmall", "天猫商城"),
    Platform.ALIBABA_1688: ("1688", "阿里巴巴", "阿里1688"),
    Platform.JD: ("京东", "狗东", "jd", "jingdong", "某东"),
    Platform.PINDUODUO: ("拼多多", "拼夕夕", "pdd", "拼多", "pinduoduo", "并多多", "某多多"),
    Platform.DOUYIN: ("抖音小店", "抖音", "抖店", "douyin", "斗音", "抖因", "某音"),
    Platform.KUAISHOU: ("快手小店", "快手", "kuaishou"),
    Platform.XIAOHONGSHU: ("小红书", "xhs", "xiaohongshu", "小红薯"),
    Platform.WECHAT: ("微信小店", "微信小程序", "微信", "视频号", "公众号", "微店", "朋友圈"),
    Platform.XIANYU: ("闲鱼", "咸鱼", "xianyu"),
    Platform.MEITUAN: ("美团",),
    Platform.ELEME: ("饿了么",),
    Platform.DEWU: ("得物",),
    Platform.VIPSHOP: ("唯品会",),
    Platform.WEIBO: ("微博",),
    Platform.BILIBILI: ("哔哩哔哩", "b站", "bilibili"),
    Platform.AMAZON: ("亚马逊", "亚马孙", "亚玛逊", "amazon", "yamaxun"),
    Platform.ALIEXPRESS: ("速卖通", "aliexpress"),
    Platform.ALIBABA_INTERNATIONAL: ("阿里国际站", "国际站", "阿里巴巴国际站"),
    Platform.TEMU: ("temu", "特姆", "拼多多海外"),
    Platform.SHEIN: ("shein", "希音"),
    Platform.TIKTOK: ("tiktok", "tk小店", "海外抖音"),
    Platform.EBAY: ("ebay", "易贝"),
    Platform.SHOPEE: ("shopee", "虾皮"),
    Platform.LAZADA: ("lazada", "来赞达"),
    Platform.WALMART: ("沃尔玛", "walmart"),
}

_FINDER = TermFinder(SlotKind.PLATFORM, _ALIASES)


def find_platforms(text: str) -> Iterator[Slot]:
    """Yield each platform named in the normalised `text`."""
    yield from _FINDER.find(text)
