"""The class lists that platforms export: their columns are understood by their titles, and it is said how."""

import pytest

from grader.classroom.class_list import read_class_list
from grader.classroom.roster import Person
from grader.errors import UsageError

# From the platforms' exports: Canvas' gradebook (instructure/canvas-lms, `GradebookExporter`), Moodle's
# participants and offline worksheet (moodle/moodle, language packs), Gradescope's roster, Blackboard's Grade
# Center (help pages, “Work offline”), D2L's “Importing grades”, Sakai's grades.csv
# (sakaiproject/sakai, `AssignmentServiceImpl`).
LISTS = {
    "canvas": (
        "Student,ID,SIS User ID,SIS Login ID,Section,ex04 (70)\n    Points Possible,,,,,42\n"
        '"de la Mer, Ada",101,u1,ada@uni.edu,S1,\n"Lee, Sam",102,,sam@uni.edu,S1,\n"Student, Test",103,,x,S1,\n',
        [
            Person("u1", "de la Mer, Ada", "ada@uni.edu", ("canvas 101",)),
            Person("sam@uni.edu", "Lee, Sam", "sam@uni.edu", ("canvas 102",)),
        ],
        "id from “SIS User ID”, name from “Student”, address from “SIS Login ID”, other names from “ID”",
    ),
    "canvas with split names": (
        "LastName,FirstName,ID,SIS Login ID,Section\nde la Mer,Ada,101,ada,S1\n",
        [Person("ada", "Ada de la Mer", "", ("canvas 101",), "de la Mer")],
        "id from “SIS Login ID”, name from “FirstName” and “LastName”, other names from “ID”",
    ),
    "moodle worksheet": (
        "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung\nTeilnehmer 12,Jörg Müller,jm@uni.de,,\n",
        [Person("jm@uni.de", "Jörg Müller", "jm@uni.de", ("moodle 12",))],
        "id from “E-Mail-Adresse”, name from “Vollständiger Name”, other names from “ID”",
    ),
    "moodle participants": (
        "Prénom;Nom de famille;Numéro d'identification;Adresse de courriel\nZoë;Le Goff;77;z@uni.fr\n",
        [Person("77", "Zoë Le Goff", "z@uni.fr", (), "Le Goff")],
        "id from “Numéro d'identification”, name from “Prénom” and “Nom de famille”, address from "
        "“Adresse de courriel”",
    ),
    "gradescope": (
        "Name,SID,Email,Role\nAda de la Mer,0012,a@uni.edu,Student\nProf X,9,x@uni.edu,Instructor\n",
        [Person("0012", "Ada de la Mer", "a@uni.edu")],
        "id from “SID”, name from “Name”, address from “Email”",
    ),
    "blackboard": (
        '"Achternaam"\t"Voornaam"\t"Gebruikersnaam"\t"Student-id"\t"Beschikbaarheid"\n'
        '"van der Berg"\t"Jan"\t"jberg"\t"s7"\t"Ja"\n',
        [Person("s7", "Jan van der Berg", "", ("jberg",), "van der Berg")],
        "id from “Student-id”, name from “Voornaam” and “Achternaam”, other names from “Gebruikersnaam”",
    ),
    "brightspace": (
        "OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator\n"
        "#0815,#ada.m,de la Mer,Ada,a@uni.edu,#\n",
        [Person("0815", "Ada de la Mer", "a@uni.edu", ("ada.m",), "de la Mer")],
        "id from “OrgDefinedId”",
    ),
    "sakai": (
        '"Exercise 4","Points"\n\n"Display ID","ID","Last Name","First Name","grade","Late submission"\n'
        '"u1","ada","de la Mer","Ada","7","On time"\n',
        [Person("ada", "Ada de la Mer", "", ("u1",), "de la Mer")],
        "id from “ID”, name from “First Name” and “Last Name”, other names from “Display ID”",
    ),
    "clones": (
        "identifier,github_username,github_id,name\nu1,adal,5,Ada de la Mer\n",
        [Person("u1", "Ada de la Mer", "", ("adal", "5"))],
        "id from “identifier”, name from “name”, other names from “github_username”, “github_id”",
    ),
    "ours": (
        "id,name,email,github,section\ns1,Ada,a@uni.edu,adal,S1\n",
        [Person("s1", "Ada", "a@uni.edu", ("adal",))],
        "id from “id”, name from “name”, address from “email”, other names from “github”",
    ),
}


@pytest.mark.parametrize("which", LISTS)
def test_lists_of_platforms(which, tmp_path):
    """Students, names and addresses are found by the columns' titles; what is no student is passed over."""
    text, people, reading = LISTS[which]
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    found = read_class_list(path)
    assert list(found.people) == people
    count = f"{len(people)} student{'s' * (len(people) > 1)}"
    assert found.reading.startswith(f"list.csv: {count}; {reading}")


def test_a_list_in_utf_16(tmp_path):
    """Blackboard writes UTF-16 and calls it .xls."""
    path = tmp_path / "gc_export.xls"
    path.write_text('"Last Name"\t"First Name"\t"Username"\n"Müller"\t"Jörg"\t"jm"\n', "utf-16")
    assert read_class_list(path).people == (Person("jm", "Jörg Müller", "", (), "Müller"),)


def test_a_row_of_a_platform_without_any_id(tmp_path):
    """A student whom the university's number is missing is known by what there is; by nothing, by nobody."""
    path = tmp_path / "list.csv"
    path.write_text("Student ID,Username,Name\n,ada,Ada\n,,Bob\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"list.csv, line 3: the id is empty"):
        read_class_list(path)
