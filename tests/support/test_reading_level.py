"""The grade of a text: syllables, words and sentences are counted right."""

import pytest

from tests.support.reading_level import grade, sentences_of, syllables, words_of

#: counted by hand and looked up in a pronouncing dictionary
SPOKEN = {
    1: "a the lung bone scan spread made tired-not drained cells clothes aches whole stage"
    " helped called drugs while",
    2: "tumour liver belly treatment stages people fluid trial chemo needle table boxes needed"
    " breathing nodes-and safely useless doctor centre headache somewhat diet lying",
    3: "adrenal biopsy radiation pancreas nausea fatigue-with specialist everything lymphatic"
    " cisplatin steroid earlier idea area chemical",
    4: "anxiety embolism dietitian diarrhoea epithelial operation-a everybody sarcomatoid",
    5: "peritoneal chemotherapy radioactive-of immediately metastasizing",
    6: "mesothelioma immunotherapy pericardiectomy-in",
}
NOT_EXACT = 0.06


def test_syllables_are_those_of_speech() -> None:
    wrong = []
    total = 0
    for count, words in SPOKEN.items():
        for word in words.split():
            if "-" in word:
                continue
            total += 1
            if syllables(word) != count:
                wrong.append(f"{word}: {syllables(word)}, not {count}")
    assert total > 60
    assert len(wrong) <= NOT_EXACT * total, wrong


def test_words_and_sentences() -> None:
    text = "It is 38.5 °C. Call now! Don't wait: go.\n\nA new line"
    assert len(words_of(text)) == 12
    assert len(sentences_of(text)) == 4


def test_grade_by_hand() -> None:
    # 6 words, 1 sentence, 6 syllables
    assert grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 - 15.59)


def test_jargon_is_harder_than_plain_words() -> None:
    plain = "The tumour grows. It can reach the bones. Tell your team if it hurts."
    jargon = (
        "Haematogenous dissemination necessitates multidisciplinary reassessment of systemic "
        "therapeutic alternatives, including immunological interventions."
    )
    assert grade(plain) < 4
    assert grade(jargon) > 20


def test_no_words_no_grade() -> None:
    with pytest.raises(ValueError, match="without words"):
        grade("…")
