"""Labels of language models as the codes that gristmill uses: ISO 639-1 where a language has one, else ISO 639-3.

Models name languages in two ways: ``en`` (lid.176), or by ISO 639-3 and a script, ``eng_Latn`` (NLLB, OpenLID, GlotLID).
Two-letter codes are from the ISO 639-3 code table; macrolanguages stand for the member that models name (``arb`` is ``ar``,
``cmn`` is ``zh``, ``pes`` is ``fa``), as CLDR's language aliases have it. Norwegian Bokmål is ``no``, as in lid.176.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

_TWO_LETTERS: dict[str, str] = {
    three: two
    for three, _, two in (
        pair.partition(":")
        for pair in (
            "aar:aa abk:ab afr:af aka:ak amh:am ara:ar arg:an asm:as ava:av ave:ae aym:ay aze:az bak:ba bam:bm bel:be ben:bn "
            "bis:bi bod:bo bos:bs bre:br bul:bg cat:ca ces:cs cha:ch che:ce chu:cu chv:cv cor:kw cos:co cre:cr cym:cy dan:da "
            "deu:de div:dv dzo:dz ell:el eng:en epo:eo est:et eus:eu ewe:ee fao:fo fas:fa fij:fj fin:fi fra:fr fry:fy ful:ff "
            "gla:gd gle:ga glg:gl glv:gv grn:gn guj:gu hat:ht hau:ha hbs:sh heb:he her:hz hin:hi hmo:ho hrv:hr hun:hu hye:hy "
            "ibo:ig ido:io iii:ii iku:iu ile:ie ina:ia ind:id ipk:ik isl:is ita:it jav:jv jpn:ja kal:kl kan:kn kas:ks kat:ka "
            "kau:kr kaz:kk khm:km kik:ki kin:rw kir:ky kom:kv kon:kg kor:ko kua:kj kur:ku lao:lo lat:la lav:lv lim:li lin:ln "
            "lit:lt ltz:lb lub:lu lug:lg mah:mh mal:ml mar:mr mkd:mk mlg:mg mlt:mt mon:mn mri:mi msa:ms mya:my nau:na nav:nv "
            "nbl:nr nde:nd ndo:ng nep:ne nld:nl nno:nn nor:no nya:ny oci:oc oji:oj ori:or orm:om oss:os pan:pa pli:pi pol:pl "
            "por:pt pus:ps que:qu roh:rm ron:ro run:rn rus:ru sag:sg san:sa sin:si slk:sk slv:sl sme:se smo:sm sna:sn snd:sd "
            "som:so sot:st spa:es sqi:sq srd:sc srp:sr ssw:ss sun:su swa:sw swe:sv tah:ty tam:ta tat:tt tel:te tgk:tg tgl:tl "
            "tha:th tir:ti ton:to tsn:tn tso:ts tuk:tk tur:tr twi:tw uig:ug ukr:uk urd:ur uzb:uz ven:ve vie:vi vol:vo wln:wa "
            "wol:wo xho:xh yid:yi yor:yo zha:za zho:zh zul:zu "
            # members of macrolanguages
            "arb:ar cmn:zh pes:fa ekk:et lvs:lv zsm:ms nob:no nb:no khk:mn npi:ne ory:or swh:sw uzn:uz azj:az als:sq plt:mg pbt:ps "
            "ydd:yi gaz:om quy:qu ayr:ay kmr:ku knc:kr fuv:ff gug:gn fil:tl"
        ).split()
    )
}


def language_of(label: str) -> str:
    """The code of a label such as ``en``, ``eng_Latn`` or ``zho_Hans``. One without a script stays as it is: lid.176 writes
    ``als`` for Alemannic, which is ISO 639-3's for Albanian."""
    code, has_script, _ = label.partition("_")
    return _TWO_LETTERS.get(code, code) if has_script else code


class LanguageGroups:
    """Languages that a recipe takes for one: ``{hbs: [hr, bs, sr, sh], no: [nb, nn]}``.

    Raises ``ValueError`` where a language is in two groups.
    """

    def __init__(self, groups: Mapping[str, Sequence[str]] | None) -> None:
        self._name: dict[str, str] = {}
        for name, members in (groups or {}).items():
            if isinstance(members, str) or not all(isinstance(member, str) for member in members):
                raise ValueError(f"groups.{name} is {members!r}; it must list language codes.")
            for member in members:
                if self._name.setdefault(member, name) != name:
                    raise ValueError(f"groups has {member!r} in {self._name[member]} and in {name}; it can be in one.")

    def __bool__(self) -> bool:
        return bool(self._name)

    def merged(self, predictions: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
        """Labels with probabilities as languages with theirs, the likeliest first; labels of one language or group are
        added up (4 decimals, at most 1)."""
        ten_thousandths: dict[str, int] = {}
        for label, probability in predictions:
            language = language_of(label)
            language = self._name.get(language, language)
            ten_thousandths[language] = ten_thousandths.get(language, 0) + round(probability * 10_000)
        ordered = sorted(ten_thousandths.items(), key=lambda item: -item[1])  # stable: the model's order among equals
        return [(language, min(10_000, value) / 10_000) for language, value in ordered]
