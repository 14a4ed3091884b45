"""What the bundled model knows: tables of facts, as plain data.

Every table says key -> answer, and no key has two answers. The athletes are counted under the sport
that made them famous, in American words: football is the American kind, the other one is soccer.
"""

from __future__ import annotations

from itertools import pairwise


def _pairs(text: str) -> dict[str, str]:
    """ "France Paris, Egypt Cairo" -> {"France": "Paris", "Egypt": "Cairo"}."""
    return {entry.rsplit(None, 1)[0].strip(): entry.rsplit(None, 1)[1] for entry in text.split(",")}


def _groups(groups: dict[str, str]) -> dict[str, str]:
    """{"golf": "Tiger Woods, Ernie Els"} -> {"Tiger Woods": "golf", "Ernie Els": "golf"}."""
    return {key.strip(): answer for answer, keys in groups.items() for key in keys.split(",")}


def _following(words: list[str]) -> dict[str, str]:
    """Each word -> the one behind it; the last one has none."""
    return dict(pairwise(words))


def _words(text: str) -> list[str]:
    return text.split()


SPORTS = _groups(
    {
        "basketball": "Michael Jordan, LeBron James, Kobe Bryant, Larry Bird, Magic Johnson, Stephen Curry, Tim Duncan,"
        "Kevin Durant, Scottie Pippen, Sue Bird",
        "tennis": "Roger Federer, Serena Williams, Rafael Nadal, Steffi Graf, Andre Agassi, Venus Williams,"
        "Pete Sampras, Boris Becker, Andy Murray, Chris Evert",
        "soccer": "Lionel Messi, Diego Maradona, David Beckham, Mia Hamm, Johan Cruyff, Zinedine Zidane, Thierry Henry,"
        "Wayne Rooney, Kylian Mbappe",
        "baseball": "Babe Ruth, Jackie Robinson, Willie Mays, Derek Jeter, Hank Aaron, Ted Williams, Mickey Mantle,"
        "Joe DiMaggio, Lou Gehrig",
        "golf": "Tiger Woods, Jack Nicklaus, Arnold Palmer, Phil Mickelson, Rory McIlroy, Gary Player, Ernie Els,"
        "Jordan Spieth, Nick Faldo",
        "hockey": "Wayne Gretzky, Bobby Orr, Gordie Howe, Mario Lemieux, Sidney Crosby, Mark Messier, Patrick Roy,"
        "Jaromir Jagr",
        "football": "Tom Brady, Peyton Manning, Joe Montana, Jerry Rice, Brett Favre, Dan Marino, Emmitt Smith,"
        "Patrick Mahomes, Aaron Rodgers",
        "cricket": "Sachin Tendulkar, Brian Lara, Shane Warne, Ricky Ponting, Virat Kohli, Ben Stokes, Don Bradman,"
        "Imran Khan, Ian Botham",
        "rugby": "Jonah Lomu, Jonny Wilkinson, Dan Carter, Richie McCaw, Martin Johnson, Siya Kolisi, Antoine Dupont,"
        "Gareth Edwards",
    }
)

CAPITALS = _pairs(
    "France Paris, England London, Germany Berlin, Spain Madrid, Italy Rome, Portugal Lisbon, Austria Vienna,"
    "Greece Athens, Ireland Dublin, Norway Oslo, Sweden Stockholm, Denmark Copenhagen, Finland Helsinki,"
    "Poland Warsaw, Hungary Budapest, Switzerland Bern, Belgium Brussels, Russia Moscow, Ukraine Kyiv, Turkey Ankara,"
    "Bulgaria Sofia, Croatia Zagreb, Latvia Riga, Estonia Tallinn, Serbia Belgrade, Egypt Cairo, Morocco Rabat,"
    "Kenya Nairobi, Ghana Accra, Japan Tokyo, China Beijing, Thailand Bangkok, Vietnam Hanoi, Iran Tehran,"
    "Iraq Baghdad, Syria Damascus, Qatar Doha, Canada Ottawa, Cuba Havana, Peru Lima, Ecuador Quito, Chile Santiago,"
    "Australia Canberra"
)

_OPPOSITES = _pairs(
    "hot cold, big small, up down, left right, day night, old young, open shut, early late, full empty, high low,"
    "rich poor, light dark, hard soft, fast slow, happy sad, wet dry, near far, first last, good bad, long short,"
    "clean dirty, strong weak, loud quiet, love hate, win lose, buy sell, push pull, black white, wide narrow,"
    "thick thin, true false, before after, above below, north south, east west, war peace, always never, give take"
)
OPPOSITES = _OPPOSITES | {answer: key for key, answer in _OPPOSITES.items()}

WEEKDAYS = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
MONTHS = _words("January February March April May June July August September October November December")
NUMBERS = _words(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)

NEXT_DAY = _following([*WEEKDAYS, WEEKDAYS[0]])
PREVIOUS_DAY = _following([WEEKDAYS[0], *reversed(WEEKDAYS)])
NEXT_MONTH = _following([*MONTHS, MONTHS[0]])
PREVIOUS_MONTH = _following([MONTHS[0], *reversed(MONTHS)])
NEXT_NUMBER = _following(NUMBERS)
PREVIOUS_NUMBER = _following(NUMBERS[::-1])
SUMS = {f"{NUMBERS[a]} {NUMBERS[b]}": NUMBERS[a + b + 1] for a in range(9) for b in range(9)}

PLURALS = _pairs(
    "cat cats, dog dogs, house houses, tree trees, book books, car cars, bird birds, hand hands, door doors,"
    "king kings, star stars, ship ships, girl girls, boy boys, friend friends, flower flowers, horse horses,"
    "box boxes, fox foxes, bus buses, glass glasses, dish dishes, church churches, watch watches, city cities,"
    "baby babies, lady ladies, story stories, berry berries, fly flies, knife knives, wife wives, leaf leaves,"
    "wolf wolves, life lives, child children, man men, woman women, mouse mice, foot feet, tooth teeth, goose geese,"
    "person people, ox oxen, sheep sheep"
)

ADVERBS = _pairs(
    "quick quickly, slow slowly, quiet quietly, loud loudly, careful carefully, happy happily, sad sadly,"
    "brave bravely, calm calmly, eager eagerly, gentle gently, kind kindly, lazy lazily, nervous nervously,"
    "patient patiently, polite politely, proud proudly, rude rudely, serious seriously, soft softly, strong strongly,"
    "sweet sweetly, wise wisely, bold boldly, busy busily, clever cleverly, clumsy clumsily, cold coldly,"
    "fierce fiercely, firm firmly, free freely, glad gladly, honest honestly, light lightly, perfect perfectly,"
    "rapid rapidly, safe safely, silent silently, smooth smoothly, swift swiftly, warm warmly, wild wildly,"
    "angry angrily, hungry hungrily, heavy heavily, bad badly, weak weakly, graceful gracefully, playful playfully,"
    "cheerful cheerfully, bright brightly, beautiful beautifully, deep deeply, fast fast, good well"
)

FRENCH = _pairs(
    "cat chat, dog chien, house maison, bread pain, water eau, wine vin, milk lait, cheese fromage, book livre,"
    "king roi, queen reine, day jour, night nuit, sun soleil, moon lune, hand main, red rouge, white blanc, black noir,"
    "green vert, blue bleu, two deux, three trois, four quatre, five cinq, seven sept, ten dix, yes oui, no non,"
    "friend ami, sea mer, bird oiseau, fish poisson, horse cheval, tree arbre, door porte, flower fleur, winter hiver,"
    "summer été, school école, sky ciel, garden jardin, street rue, salt sel, apple pomme, world monde"
)

COLOURS = _groups(
    {
        "green": "grass, leaves, frogs, peas, lettuce, limes, cucumbers, emeralds",
        "white": "snow, milk, salt, rice, swans, chalk, cotton",
        "black": "coal, tar, ravens, crows, soot",
        "red": "blood, tomatoes, cherries, strawberries, rubies, ketchup",
        "yellow": "bananas, lemons, butter, corn, canaries",
        "orange": "carrots, pumpkins, apricots, tangerines",
        "blue": "the sky, the sea, jeans, sapphires",
        "brown": "chocolate, coffee, mud, wood, chestnuts",
        "pink": "flamingos, pigs, salmon",
        "grey": "elephants, ash, smoke, dolphins",
        "purple": "plums, lavender, violets",
    }
)

# Who is meant by "he" and "she", and what they do, for the adverbs: "Mike is quick. He moves quickly."
MEN = _words("Mike John Paul Peter Tom David Mark Sam Ben Jack Adam Leo Max Henry Oscar Felix Simon Victor Hugo Ivan")
WOMEN = _words(
    "Anna Mary Emma Lisa Sara Julia Laura Nina Clara Ella Rosa Eva Kate Jane Maria Lucy Alice Helen Ruth Nora"
)
VERBS = _words("moves walks works speaks acts dances sings writes runs plays eats sleeps travels fights")
