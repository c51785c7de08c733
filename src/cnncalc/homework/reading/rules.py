"""How claims are worded: the grammars of both languages, with the same labels.

An extreme has a `layer`, `extreme` or `order`, and a `quantity`; a relation `left` and `right`, and one of `sign`,
`order`, `beyond` and `same`. A share is a part of what the whole network has, `nothing` is 0, a count counts layers.
"""

from __future__ import annotations

from cnncalc.homework.reading.grammar import Grammar

_ENGLISH = Grammar(
    {
        "name": ("POSITION", "WORD [NUMBER]", "KIND", "QUANTITY", "WHOLE", "a"),
        "place": ("[ALL] [ALL] [whole|entire] name={name} [layer|layers|block|blocks|group]", "layer name=NUMBER"),
        "kinds": ("[ALL] [ALL] name=KIND",),
        "amount": (
            "[ALL] [ALL] [WHOLE] [number_of|amount_of|trainable|learnable] [trainable|learnable] quantity=QUANTITY"
            " [count|size|footprint]",
        ),
        "value": (
            "name={name} DOT quantity=QUANTITY",
            "{amount} of|in|at|for|from {place}",
            "{place} OWN {amount}",
            "[ALL] name=WHOLE [number_of|amount_of] quantity=QUANTITY [count|size]",
            "{place} quantity=QUANTITY [count|size]",
            "that|those|([ALL] one) of {place}",
            "{place} OWN",
        ),
        "number": ("literal=(NUMBER|COUNT|EVERYTHING)",),
        "operand": ("{value}", "{number}", "{place}"),
        "be": ("IS [not=NOT]", "DO not=NOT equal|be"),
        "have": ("HAVE|with", "DO [not=NOT] HAVE", "has not=NOT"),
        "near": ("about=ABOUT", "not=NOT beyond=BEYOND", "beyond=BEYOND"),
        "times": ("factor=FACTOR [TIMES]", "factor=(NUMBER|COUNT) TIMES|times"),
        "large": ("many|much|large|big|high",),
        "who": ("with|that_has|which_has|having|that_needs|that_uses|has|{have}|needs",),
        "where": ("in|to|from|at|due_to|of",),
        "lie": ("{be}|lie|lies|sit|sits|come|comes|belong|belongs",),
        "among": (
            "of|among|in|across [ALL] [ALL] [layer|layers] [of|in] [ALL] [ALL] [whole|entire] WHOLE",
            "of|among|in|across [ALL] [ALL] layers|others",
            "of|among|in|across [ALL] [ALL] among=KIND",
        ),
        "others": ("ALL [ALL] [other] layer|layers|one|others|among=KIND",),
        "extreme": (
            "[DO|which] [ALL] layer|one|among=KIND {who} [the] extreme=MOST {amount} [{among}] {be}|SIGN layer={place}",
            "[DO] layer={place} [{be}|DO] [ALL] layer|one|among=KIND {who} [the] extreme=MOST {amount} [{among}]",
            "[DO] layer={place} {have} [the] extreme=MOST {amount} [{among}]",
            "[DO] layer={place} [{be}|SIGN] [the] extreme=MOST {amount} [{among}]",
            "[the] extreme=MOST {amount} [{among}] {be}|SIGN [in|at|(that of)|(found in)] layer={place}",
            "{amount} of layer={place} {be} [the] extreme=MOST [one] [{among}]",
            "layer={name} OWN|DOT {amount} {be} [the] extreme=MOST [one] [{among}]",
            "[DO] layer={place} {have} [ALL] order=MORE {amount} than {others}",
            "no [other] layer|one|among=KIND {have} [ALL] order=MORE {amount} than layer={place}",
            "[the] extreme=MOST {amount} [SIGN|{be}] [layer] [{be}]",
            "which layer {have} [the] extreme=MOST {amount}",
        ),
        "nothing": (
            "left={place} [DO] HAVE nothing=NONE {amount}",
            "[DO] left={place} DO NOT HAVE [ALL] {amount}",
            "there IS nothing=NONE {amount} in left={place}",
        ),
        "count": (
            "[inside={place} {have}] [there IS] [{near}] [a_total_of] right={number} left={kinds} [in inside={place}]",
            "[ALL] number_of left={kinds} [in inside={place}] {be}|SIGN [{near}] right={number}",
            "[inside={place} {have}] [there IS] [{near}] [a_total_of] right={number} layers=layers [in inside={place}]",
            "[ALL] number_of layers=layers [in inside={place}] {be}|SIGN [{near}] right={number}",
        ),
        "in_all": ("in [ALL] [whole] WHOLE",),
        "share": (
            "majority=MAJORITY|most [ALL] [WHOLE] [OWN] {amount} {lie} [{where}] left={kinds}",
            "majority=MAJORITY [ALL] [WHOLE] [OWN] {amount} {lie} {where} left={place}",
            "[{near}] {times} [of] [ALL] [ALL] [WHOLE] [OWN] {amount} {lie} [{where}] left={place}",
            "left=({value}|{place}) SHARES [{near}] {times} [of] [ALL] [ALL] [WHOLE] [OWN] {amount} [{in_all}]",
            "left={place} SHARES majority=MAJORITY [ALL] [WHOLE] [OWN] {amount} [{in_all}]",
            "left={value} {be} [{near}] {times} [of] [ALL] [ALL] [whole] WHOLE",
        ),
        "or_equal": ("or_equal=or_equal_to",),
        "relation": (
            "[DO] left={place} {have} [ALL] order=MORE {amount} than right={operand} [HAVE|does|do]",
            "left={place} order=MORE {amount} than right={operand}",
            "[DO] left={place} {have} [{near}] [{times}] as {large} [ALL] {amount} as right={operand} [HAVE|does|do]",
            "[DO] left={place} {have} [{near}] {times} [of] {amount} of right={place}",
            "[DO] left={place} {have} [{near}] {times} right={value}",
            "[DO] left={place} and right={place} {have} [ALL] same=SAME {amount}",
            "[DO] left={place} {have} [ALL] same=SAME {amount} as right={operand} [HAVE|does|do]",
            "{amount} of left={place} and right={place} {be} [ALL] same=SAME",
            "[DO] left={place} {have} [ALL] [{near}] right={number} {amount}",
            "[DO] left={place} {have} [ALL] {amount} [of] [{near}] right={number}",
            "[DO] left={place} outputs|produces|gives [ALL] right={number} {amount}",
            "[DO] left={place} shape=(outputs|produces|gives) [ALL] right={number}",
            "[DO] left=({value}|{place}) [{be}] [{near}] {times} as {large} as right={operand}",
            "[DO] left=({value}|{place}) {be} as {large} as right={operand}",
            "[DO] left=({value}|{place}) {be} [ALL] same=SAME as|from|to right={operand}",
            "[DO] left=({value}|{place}) [{be}] order=MORE than [{or_equal}] right={operand} [in {amount}]",
            "[DO] left=({value}|{place}) [{be}|DO] [not=NOT] beyond=BEYOND [{or_equal}] right={operand} [in {amount}]",
            "[DO] left=({value}|{place}) {be}|sign=SIGN [{near}] {times} [of] right=({value}|{place})",
            "[DO] left=({value}|{number}|{place}) sign=SIGN [about=ABOUT] right={operand}",
            "[DO] left=({value}|{place}) {be} [{near}] right={operand}",
            "left={value} about=ABOUT right={number}",
        ),
    }
)

_CHINESE = Grammar(
    {
        "name": ("POSITION", "KIND", "WORD [NUMBER]", "QUANTITY", "WHOLE", "a"),
        "place": ("[ALL] name={name} [层]",),
        "kinds": ("[ALL] name=KIND",),
        "amount": ("[WHOLE] [的] quantity=QUANTITY [总量|总数|数|个数|数量|大小]",),
        "value": (
            "name={name} DOT quantity=QUANTITY",
            "{place} [的] [所] [HAVE] [的] {amount}",
            "quantity=QUANTITY [的] name=(总量|总数|总和)",
            "{place} 的",
        ),
        "number": ("literal=(NUMBER|COUNT|EVERYTHING)",),
        "operand": ("{value}", "{number}", "{place}"),
        "be": ("IS", "DO", "not=NOT [IS]"),
        "near": ("about=ABOUT", "beyond=BEYOND"),
        "unit": ("[after=AFTER] [个|次|层|种|位] [after=AFTER]",),
        "figure": ("[{near}] right={number} {unit}",),
        "times": ("factor=FACTOR [TIMES] [after=AFTER]", "factor=(NUMBER|COUNT) TIMES|倍"),
        "and": ("和|与|跟|同|及|以及",),
        "by_far": ("很多|得多|一些|一点|些|的",),
        "more": ("[更|要|还|还要|较] order=MORE",),
        "which": ("哪一层|哪层|哪个层|哪一个层",),
        "any": ("[ALL|一] [个] [其他|其它] 层|among=KIND",),
        "others": ("ALL|其他|其它|其余|任何其他|所有其他 [其他|其它] [ALL] [的] 层|among=KIND",),
        "lie": ("[{be}] 在|来自|来自于|集中在|位于|属于|分布在|落在",),
        "of_layers": ("[的] 层|among=KIND", "的 那 [一] [个] 层", "的 一|那个 层|among=KIND"),
        "among": ("[在] [网络|模型|整个网络|ALL] [ALL] 层|among=KIND [中|里|之中|当中|的]", "[在] WHOLE 中|里|当中"),
        "extreme": (
            "{amount} [{be}] extreme=MOST {of_layers} {be}|在|SIGN layer={place}",
            "{amount} [{be}] extreme=MOST [的] {be}|在|SIGN layer={place}",
            "extreme=MOST [的] {amount} [{be}|SIGN|在|出现在|来自] layer={place}",
            "[{among}] layer={place} [的|IS] [HAVE] [的] {amount} [{be}] extreme=MOST [的]",
            "layer={place} [{be}] [{among}] {amount} extreme=MOST {of_layers}|的",
            "layer={place} [在] [{among}] HAVE extreme=MOST [的] {amount}",
            "layer={place} [的] {amount} [在] {among} [{be}] extreme=MOST [的]",
            "layer={place} [的] [HAVE] [的] {amount} 比 {others} [的] {more}",
            "layer={place} [的] {amount} 超过|大于|多于|高于 {others}",
            "没有 {which}|{any} [的] {amount} 比 layer={place} [的] {more}",
            "{which} [的] [HAVE] [的] {amount} [{be}] extreme=MOST",
            "{amount} [{be}] extreme=MOST [{of_layers}] [的] [{be}|SIGN] [哪一层|哪层|哪个|谁]",
            "extreme=MOST [的] {amount} [的] [层] [SIGN]",
        ),
        "nothing": ("left={place} [的] nothing=NONE [ALL] [的] {amount}",),
        "count": (
            "[inside={place}] [里|中|内] [一共|总共|共] HAVE|IS {figure} left={kinds}",
            "[inside={place}] [里|中|内] [一共|总共|共] {figure} left={kinds}",
            "inside={place} 由 {figure} left={kinds} 组成|构成",
            "[inside={place}] [里|中|内] left={kinds} [一共|总共|共] HAVE|IS {figure}",
            "[inside={place} 的|里|中] left={kinds} [的] 个数|数量|层数|数目|总数 [{be}|SIGN] {figure}",
            "[inside={place}] [里|中|内] [一共|总共|共] HAVE|IS [{near}] right={number} layers=层 [网络]",
            "inside={place} [的] layers=层数 [{be}|SIGN] {figure}",
            "inside={place} [{be}] [{near}] right={number} layers=层 [网络|的]",
        ),
        "share": (
            "left={place} [的] {amount} 占比 [{be}|SIGN] [{near}] {times}",
            "left=({value}|{place}) [{be}] SHARES [ALL] [WHOLE] [的] [{amount}] [的] [{near}] {times}",
            "left={place} SHARES [{near}] {times} [的] [ALL] {amount}",
            "left={place} SHARES [ALL] [{amount}] [的] majority=MAJORITY [的] [ALL] [{amount}]",
            "[{near}] {times} [的] [ALL] {amount} {lie} left={place} [中|里|上]",
            "[WHOLE] [的] majority=MAJORITY [的] [ALL] {amount} {lie} left={place} [中|里|上]",
            "[ALL] {amount} [的] majority=MAJORITY|{times} {lie} left={place} [中|里|上]",
        ),
        "relation": (
            "left=({value}|{place}) [{be}] [not=NOT] 比 right={operand} [的] [HAVE] {more} [{by_far}]",
            "[{be}] left={place} [{be}] [not=NOT] 比 right={place} [HAVE] [更|较] order=MORE [的] {amount}",
            "left=({value}|{place}) not=NOT right=({value}|{place}) [那么|这么] order=MORE",
            "left=({value}|{place}) {and} right=({value}|{place}) [的] [{be}] same=SAME",
            "left={place} {and} right={place} HAVE [着] same=SAME [的] {amount}",
            "left=({value}|{place}) {be}|sign=SIGN|{near} [{near}] right=({value}|{place}) [的] [{near}] {times}",
            "left=({value}|{place}) sign=SIGN [{near}] {times} right=({value}|{place})",
            "left={place} [{be}] [HAVE|IS|输出] {figure} [的] {amount} [after=AFTER]",
            "left={value} {be}|sign=SIGN|{near}|在 {figure}",
            "left={value} right=(literal=NUMBER) {unit}",
            "left={place} {be}|sign=SIGN|{near} {figure}",
            "left=({value}|{number}|{place}) sign=SIGN [about=ABOUT] right={operand}",
            "left=({value}|{place}) {be}|{near} [{near}] right={operand}",
        ),
    }
)

GRAMMARS = (_ENGLISH, _CHINESE)


def grammars(text: str) -> tuple[Grammar, ...]:
    """The grammars that may read a text, the likelier one first: a Chinese sentence has Chinese words."""
    return GRAMMARS if text.isascii() else GRAMMARS[::-1]
