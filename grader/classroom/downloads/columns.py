"""What the columns of the platforms' tables are called, in the languages that the platforms ship."""

from __future__ import annotations

import re
from collections.abc import Sequence

# In each kind the words of all platforms and languages. Moodle's are those of its language packs
# (`fullname`, `email`, `idnumber`, `firstname`, `lastname`, `recordid` of `assign`).
TITLES: dict[str, tuple[str, ...]] = {
    "number": (
        "sis user id", "orgdefinedid", "identifier", "org defined id", "student id", "student number", "sid", "id number",
        "student-id", "studentid", "university id", "matrikelnummer", "matriculation number", "matrikel",
        "matrikelnr", "institution id", "institutionsnummer", "institutional identifier", "id-nummer",
        "identifiant étudiant", "id étudiant", "numéro d'identification", "número de id", "número de id.",
        "número de identificación", "id del estudiante", "número de identificação", "número de estudante",
        "id do aluno", "codice identificativo", "id studente", "matricola", "studentnummer",
        "id-nummer student", "numer id", "idnummer", "identifikační číslo", "id-numero", "opiskelijanumero",
        "numero id", "número d'identificació", "id numarası", "öğrenci no", "индивидуальный номер",
        "ідентифікаційний номер", "id ナンバー", "学籍番号", "学号", "识别号码",
    ),
    "username": (
        "username", "user name", "sis login id", "login", "login id", "loginname", "user id", "netid", "uid",
        "benutzername", "anmeldename", "nom d'utilisateur", "nom d’utilisateur", "identifiant",
        "nombre de usuario", "usuario", "nome utente", "username/login", "gebruikersnaam", "nome de utilizador",
        "nome do usuário", "nome de usuário", "nazwa użytkownika", "uživatelské jméno", "användarnamn",
        "brugernavn", "brukernavn", "käyttäjätunnus", "kullanıcı adı", "nom d'usuari", "логин",
        "имя пользователя", "ім'я користувача", "ユーザ名", "用户名",
    ),
    "github": ("github_username", "github username", "github", "github_login"),
    "github number": ("github_id",),
    "email": (
        "email", "e-mail", "email address", "e-mail address", "mail", "e-mail-adresse", "emailadresse",
        "email-adresse", "adresse de courriel", "adresse courriel", "courriel", "adresse e-mail",
        "dirección de correo", "correo electrónico", "correo", "dirección email", "indirizzo email",
        "indirizzo e-mail", "e-mailadres", "endereço de e-mail", "endereço de email",
        "endereço de correio eletrónico", "adres e-mail", "e-mailová adresa", "e-postadress", "e-post",
        "e-postadresse", "e-mailadresse", "sähköpostiosoite", "sähköposti", "e-posta adresi", "e-posta",
        "adreça electrònica", "адрес электронной почты", "електронна пошта", "メールアドレス", "电子邮件地址",
    ),
    "first": (
        "first name", "first_name", "firstname", "given name", "given_name", "given names", "forename",
        "vorname", "vorname(n)", "prénom", "prénom(s)", "nombre", "nome", "voornaam", "nome próprio",
        "primeiro nome", "imię", "křestní jméno", "jméno", "förnamn", "fornavn", "etunimi", "ad", "adı",
        "nom de pila", "имя", "ім'я", "名", "名字",
    ),
    "last": (
        "last name", "last_name", "lastname", "family name", "family_name", "surname", "nachname", "name/nachname",
        "familienname", "nom de famille", "nom", "apellido(s)", "apellidos", "apellido", "cognome", "achternaam",
        "apelido", "sobrenome", "último nome", "nazwisko", "příjmení", "efternamn", "efternavn", "etternavn",
        "sukunimi", "soyad", "soyadı", "cognoms", "фамилия", "прізвище", "姓", "姓氏",
    ),
    "name": (
        "name", "full name", "full_name", "fullname", "student", "student name", "vollständiger name",
        "vor- und nachname", "nom complet", "nombre completo", "nombre", "nome completo", "volledige naam",
        "imię i nazwisko", "celé jméno", "fullständigt namn", "fulde navn", "fullt navn", "koko nimi",
        "tam ad", "tam adı", "nom complet", "полное имя", "повне ім'я", "氏名", "姓名", "全名",
    ),
}  # fmt: skip
# `Participant 123`, in any language; `s1815` is a student's id.
PARTICIPANT = re.compile(r"(?P<word>\D{5,}?|\D*[^\x00-\x7f]\D*?) ?(?P<number>\d+)")


def plain_title(title: str) -> str:
    """A column's title for comparison: in lower case, without what surrounds it."""
    return " ".join(title.replace("\ufeff", "").strip(' "#*').casefold().split())


def kinds_of(titles: Sequence[str]) -> dict[str, int]:
    """The column of each kind that is in a header: its first one.

    >>> kinds_of(["Achternaam", "Voornaam", "Gebruikersnaam", "Sectie"])
    {'username': 2, 'first': 1, 'last': 0}
    """
    plain = [plain_title(title) for title in titles]
    found: dict[str, int] = {}
    for kind, words in TITLES.items():
        places = [n for n, title in enumerate(plain) if title in words and n not in found.values()]
        if places:
            found[kind] = min(places, key=lambda n: words.index(plain[n]))
    return _names_sorted(found)


def _names_sorted(found: dict[str, int]) -> dict[str, int]:
    """`Name` and `Nom` are a last name beside a first one, and a full name alone; so is `Nombre`."""
    if "first" in found and "last" not in found and "name" in found:
        found["last"] = found.pop("name")
    elif ("first" in found) != ("last" in found):
        half = found.pop("first" if "first" in found else "last")
        found.setdefault("name", half)
    return found


def participants(cells: Sequence[str]) -> list[str]:
    """Moodle's numbers in a column of `Participant 123`, in any language; nothing if it is none."""
    matches = [PARTICIPANT.fullmatch(cell.strip()) for cell in cells]
    words = {m["word"] for m in matches if m}
    return [m["number"] for m in matches if m] if all(matches) and len(words) == 1 else []
