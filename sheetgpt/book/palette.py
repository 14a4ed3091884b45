"""The styles of cells by name: properties as XlsxWriter names them. An `Appearance` names the styles."""

from __future__ import annotations

_INK, _PALE, _LINE = "#1F2933", "#7B8794", "#CBD2D9"
_EDGE = {"left": 2, "left_color": "#52606D"}
_NUMBER = {"num_format": "0.000;-0.000;0.000", "font_size": 9, "shrink": True}
COLOURS = {"input": "#FFF3C4", "weight": "#DCEEFB", "activation": "#E3F9E5", "output": "#FFD9C7", "text": "#F0F4F8"}
# Of charts: told apart by colour-blind eyes too (Okabe and Ito 2008, without yellow).
SERIES = ("#F0772B", "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#000000", "#7B8794")
STYLES: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 18, "font_color": _INK},
    "caption": {"bold": True, "font_size": 11, "font_color": "#FFFFFF", "bg_color": "#334E68"},
    "caption_note": {"italic": True, "font_color": "#FFFFFF", "bg_color": "#334E68"},
    "weight_link": {"underline": 1, "font_color": "#0967D2", "bg_color": COLOURS["weight"]},
    "note": {"font_color": "#52606D"},
    "step_link": {"font_size": 8, "font_color": "#0967D2", "underline": 1, "align": "center"},
    "wrapped": {"font_color": _INK, "text_wrap": True, "valign": "top"},
    "heading": {"bold": True, "bottom": 1, "bottom_color": _LINE, "valign": "top"},
    "heading_center": {"bold": True, "bottom": 1, "bottom_color": _LINE, "align": "center"},
    "heading_wrapped": {"bold": True, "align": "center", "valign": "bottom", "text_wrap": True},
    "heading_helper": {"font_size": 9, "font_color": _PALE, "align": "center", "valign": "bottom", "text_wrap": True},
    "heading_words": {
        "font_size": 8,
        "font_color": _PALE,
        "align": "center",
        "valign": "top",
        "text_wrap": True,
        "bottom": 1,
        "bottom_color": _LINE,
    },
    "side": {"font_size": 8, "font_color": _PALE, "align": "right"},
    "index": {"font_size": 8, "font_color": _PALE, "align": "center"},
    "index_edge": {"font_size": 8, "font_color": _PALE, "align": "center"} | _EDGE,
    "group": {"font_size": 10, "font_color": _INK, "bold": True} | _EDGE,
    "group_again": {"font_size": 8, "font_color": _PALE},
    "token_column": {
        "font_size": 8,
        "bg_color": COLOURS["text"],
        "font_name": "Consolas",
        "align": "center",
        "valign": "bottom",
        "text_wrap": True,
    },
    "token_column_edge": {
        "font_size": 8,
        "bg_color": COLOURS["text"],
        "font_name": "Consolas",
        "align": "center",
        "valign": "bottom",
        "text_wrap": True,
    }
    | _EDGE,
    "position": {"font_size": 9, "font_color": _PALE, "align": "center"},
    "column_name": {"font_size": 8, "font_color": _INK, "bold": True, "align": "left"} | _EDGE,
    "row_name": {"font_size": 9, "font_color": _INK, "align": "left", "font_name": "Consolas"},
    "token": {"font_size": 9, "bg_color": COLOURS["text"], "font_name": "Consolas"},
    "token_output": {"font_size": 9, "bg_color": COLOURS["output"], "font_name": "Consolas", "bold": True},
    "link": {"font_color": "#0967D2", "underline": 1},
    # "@" is for typed text only: a formula in a cell of that format turns into text when it is edited.
    "text": {"num_format": "@"},
    "left": {"align": "left"},
    "left_whole": {"align": "left", "num_format": "#,##0"},
    "input": {"bg_color": COLOURS["input"], "border": 1, "border_color": "#F0B429", "num_format": "0"},
    "input_number": {"bg_color": COLOURS["input"], "border": 1, "border_color": "#F0B429", "align": "center"},
    "input_text": {
        "bg_color": COLOURS["input"],
        "border": 1,
        "border_color": "#F0B429",
        "num_format": "@",
        "quote_prefix": True,
        "text_wrap": True,
        "valign": "top",
        "font_size": 12,
    },
    "whole": {"num_format": "0", "bg_color": COLOURS["activation"], "font_size": 9, "align": "center"},
    "symbol": {"num_format": "0;", "bg_color": COLOURS["activation"], "font_size": 9, "align": "center"},
    "words": {"bg_color": COLOURS["activation"], "font_size": 9, "align": "center"},
    "rank": {"num_format": '[>=999999999]"";0', "bg_color": COLOURS["activation"], "font_size": 9, "align": "center"},
    "activation_center": {"bg_color": COLOURS["activation"], "align": "center", "font_size": 9},
    "count": {"num_format": "#,##0", "bg_color": COLOURS["weight"], "font_size": 9, "align": "center"},
    "notice": {"bold": True, "font_color": "#BA2525", "text_wrap": True, "valign": "top"},
    "message": {"bold": True, "font_color": "#BA2525"},
    "weight": {"bg_color": COLOURS["weight"]} | _NUMBER,
    "weight_none": {"bg_color": COLOURS["weight"], "num_format": ";;;@", "font_size": 9},
    "weight_whole": {"bg_color": COLOURS["weight"], "num_format": "0", "font_size": 9, "align": "center"},
    "copied": {"bg_color": COLOURS["input"]} | _NUMBER,
    "activation": {"bg_color": COLOURS["activation"]} | _NUMBER,
    "activation_edge": {"bg_color": COLOURS["activation"]} | _NUMBER | _EDGE,
    "no_character": {"num_format": ";;;@", "font_size": 8, "font_color": _PALE, "bg_color": "#E4E7EB"},
    # For tints, which lie over the style of a cell.
    "beyond": {"font_color": "#E4E7EB", "bg_color": "#E4E7EB"},
    "band": {"bg_color": "#C1E7C5"},
    "gone": {"font_color": "#B5D6B8"},
    "gone_band": {"font_color": "#97C79C", "bg_color": "#C1E7C5"},
    "pair": {"bg_color": "#F7C948", "bold": True},
    "future": {"bg_color": "#E4E7EB"},
    "future_edge": {"bg_color": "#E4E7EB"} | _EDGE,
    "copied_text": {"bg_color": COLOURS["text"], "text_wrap": True, "valign": "top", "font_size": 12},
    "output": {"bg_color": COLOURS["output"], "bold": True},
    "output_wrapped": {"bg_color": COLOURS["output"], "bold": True, "text_wrap": True},
    "output_text": {"bg_color": COLOURS["output"], "bold": True, "text_wrap": True, "valign": "top", "font_size": 12},
    "output_percent": {"bg_color": COLOURS["output"], "num_format": '[>=0.001]0.0%;"<0.1%"', "align": "center"},
    "probability": {
        "num_format": '[>=0.001]0.0%;"·"',
        "bg_color": COLOURS["activation"],
        "font_size": 9,
        "align": "right",
    },
    "share": {
        "num_format": '[>=0.001]0.0%;"<0.1%"',
        "bg_color": COLOURS["activation"],
        "font_size": 9,
        "align": "right",
    },
    "output_whole": {"bg_color": COLOURS["output"], "num_format": "0", "align": "center"},
    "effect": {"bg_color": COLOURS["activation"], "num_format": "0.00;-0.00;0.00", "font_size": 9, "align": "center"},
    # How much a token surprises: below one half, a tenth, a hundredth.
    "surprise_1": {"bg_color": "#FDE3CF"},
    "surprise_2": {"bg_color": "#F9B27C"},
    "surprise_3": {"bg_color": "#D9560B", "font_color": "#FFFFFF"},
    "rounding": {"bg_color": COLOURS["activation"], "num_format": "0.0E+00", "font_size": 9, "align": "center"},
}
MARKS: dict[str, dict[str, object]] = {
    # Cells that stand out from their range, and how.
    "largest": {"type": "top", "value": 1, "format": {"bold": True, "bg_color": "#F0772B", "font_color": "#FFFFFF"}},
    "message": {"type": "formula", "criteria": '={first}<>""', "format": {"bg_color": "#FBE3E3"}},
    "errors": {"type": "errors", "format": {"font_color": "#E3B7A3"}, "stop_if_true": True},
    "switched": {
        "type": "formula",
        "criteria": '=switch.message<>""',
        "format": {"bold": True, "font_color": "#BA2525"},
    },
    "off": {"type": "cell", "criteria": "!=", "value": 1, "format": {"bold": True, "bg_color": "#FBE3E3"}},
    # Numbers of either sign: blue below 0, white at 0, orange above.
    "signed": {
        "type": "3_color_scale",
        "min_color": "#7FB2E5",
        "mid_color": "#FFFFFF",
        "max_color": "#F0772B",
        "mid_type": "num",
        "mid_value": 0,
    },
    "refused": {
        "type": "formula",
        "criteria": '=prompt.message<>""',
        "format": {"bold": True, "font_color": "#BA2525"},
    },
}
