"""What GPT-2 small is publicly reported to answer, for checks that run where its weights are."""

from __future__ import annotations

PARAMETERS = 124_439_808
SAFETENSORS_SHA256 = "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707"

TOKENS = {
    "Data visualization empowers users to": [6601, 32704, 795, 30132, 2985, 284],
    "Artificial Intelligence is transforming the": [8001, 9542, 9345, 318, 25449, 262],
    "Mike is quick. He moves": [16073, 318, 2068, 13, 679, 6100],
    "Hello, I'm a language model,": [15496, 11, 314, 1101, 257, 3303, 2746, 11],
}

# Logits behind the last token of a prompt, in float64; ARGMAX is the likeliest token.
PROMPT = "Hello, I'm a language model,"
LOGITS = {
    0: -103.75580955455361,
    1: -105.5973120971462,
    50: -106.168011167856,
    100: -114.72522745337663,
    407: -94.68738997956149,
    1000: -110.03431804960914,
    10000: -107.4166916819877,
    40000: -109.97812702387057,
}
ARGMAX = 407

# Token ids of a prompt -> the tokens that follow greedily.
GREEDY = [
    ([464, 3290], [373, 1043, 287, 257, 2214, 1474, 262, 16246, 286, 2688, 290, 2688, 27262, 13]),
    ([6109, 3626, 6100, 345], [2651, 13, 198, 198, 464, 717, 2239, 318, 284, 1833, 262, 6817]),
    ([464, 2068, 7586, 21831, 18045, 625, 262, 16931], [11, 16931, 21831, 290, 484, 1111, 2121, 284]),
]
