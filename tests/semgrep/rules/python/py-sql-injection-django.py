from django.db.models import F, Value
from django.db.models.expressions import RawSQL
from django.views import View

from .models import Author, Book


def by_title(request):
    title = request.GET.get("title", "")
    # ruleid: py-sql-injection-django
    return Book.objects.raw(f"SELECT * FROM books WHERE title = '{title}'")


class Search(View):
    def get(self, request):
        clause = "year > " + self.request.GET["year"]
        # ruleid: py-sql-injection-django
        return Book.objects.all().extra(where=[clause])


def annotated(request):
    expression = "SELECT %s FROM stats" % request.POST["column"]
    # ruleid: py-sql-injection-django
    return Book.objects.annotate(value=RawSQL(expression, []))


def by_title_bound(request):
    # ok: py-sql-injection-django
    return Book.objects.raw("SELECT * FROM books WHERE title = %s", [request.GET["title"]])


def by_year(request):
    year = int(request.GET["year"])
    # ok: py-sql-injection-django
    return Book.objects.extra(where=[f"year > {year}"])


def bound_extra(request):
    # ok: py-sql-injection-django
    return Author.objects.extra(where=["name = %s"], params=[request.GET["name"]])


def annotated_bound(request):
    # ok: py-sql-injection-django
    return Book.objects.annotate(value=RawSQL("SELECT rank FROM stats WHERE id = %s", (request.GET["id"],)))
