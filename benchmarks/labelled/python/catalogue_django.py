"""Views of the product catalogue."""

import json
import logging

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from .models import Product, Review, Supplier
from .payments import signature_matches

log = logging.getLogger(__name__)

ORDERINGS = {"new": "-created", "cheap": "price", "name": "title"}


def as_json(products):
    return JsonResponse({"products": [{"id": p.pk, "title": p.title, "price": p.price} for p in products]})


def product_search(request):
    words = request.GET.get("q", "")
    products = Product.objects.raw(
        "SELECT id, title, price FROM catalogue_product WHERE title ILIKE '%%%s%%'" % words
    )
    return as_json(products)


def product_lookup(request):
    words = request.GET.get("q", "")
    products = Product.objects.raw(
        "SELECT id, title, price FROM catalogue_product WHERE title ILIKE %s", [f"%{words}%"]
    )
    return as_json(products)


def product_ranking(request):
    weight = request.GET.get("weight", "1")
    products = Product.objects.annotate(rank=RawSQL(f"price * {weight}", ())).order_by("rank")
    return as_json(products[:20])


def product_discount(request):
    rate = request.GET.get("rate", "1")
    products = Product.objects.annotate(reduced=RawSQL("price * %s", (rate,))).order_by("reduced")
    return as_json(products[:20])


def stock_report(request):
    region = request.GET["region"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT sku, amount FROM stock WHERE region = '{region}'")
        rows = cursor.fetchall()
    return JsonResponse({"stock": rows})


def stock_summary(request):
    region = request.GET["region"]
    table = connection.ops.quote_name(Product._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table} WHERE region = %s", [region])
        (count,) = cursor.fetchone()
    return JsonResponse({"count": count})


class ProductFilter(View):
    def get(self, request):
        where = "supplier_id = " + request.GET.get("supplier", "0")
        return as_json(Product.objects.extra(where=[where]))

    def post(self, request):
        supplier = request.POST.get("supplier", "0")
        return as_json(Product.objects.extra(where=["supplier_id = %s"], params=[supplier]))


def product_list(request):
    ordering = ORDERINGS.get(request.GET.get("sort"), "title")
    query = Q(title__icontains=request.GET.get("q", "")) & Q(price__gt=F("cost"))
    return as_json(Product.objects.filter(query).order_by(ordering))


def review_preview(request):
    text = request.POST.get("text", "")
    stars = "★" * min(int(request.POST.get("stars", "1")), 5)
    return HttpResponse(f"<article><h3>{stars}</h3><p>{text}</p></article>")


def review_card(request):
    text = request.POST.get("text", "")
    stars = "★" * min(int(request.POST.get("stars", "1")), 5)
    return HttpResponse(f"<article><h3>{stars}</h3><p>{escape(text)}</p></article>")


def supplier_badge(request, pk):
    supplier = get_object_or_404(Supplier, pk=pk)
    colour = request.GET.get("colour", "grey")
    badge = mark_safe(f'<span style="background:{colour}">{supplier.code}</span>')
    return render(request, "catalogue/badge.html", {"badge": badge})


def supplier_link(request, pk):
    supplier = get_object_or_404(Supplier, pk=pk)
    label = request.GET.get("label", supplier.name)
    link = format_html('<a href="{}">{}</a>', reverse("supplier", args=[pk]), label)
    return render(request, "catalogue/link.html", {"link": link})


def supplier_rule(request):
    rule = mark_safe('<hr class="divider">')
    title = request.GET.get("title", "")
    return render(request, "catalogue/rule.html", {"rule": rule, "title": title})


@login_required
def after_login(request):
    target = request.GET.get("next", "")
    if target.startswith("/"):
        return HttpResponseRedirect(target)
    return redirect("catalogue:home")


@login_required
def after_checkout(request):
    target = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=True):
        return HttpResponseRedirect(target)
    return redirect("catalogue:home")


@csrf_exempt
@login_required
@require_POST
def change_supplier(request):
    supplier = get_object_or_404(Supplier, pk=request.POST["supplier"])
    Product.objects.filter(pk=request.POST["product"]).update(supplier=supplier)
    return JsonResponse({"supplier": supplier.name})


@csrf_protect
@login_required
@require_POST
def change_price(request):
    product = get_object_or_404(Product, pk=request.POST["product"])
    product.price = round(float(request.POST["price"]), 2)
    product.save(update_fields=["price"])
    return JsonResponse({"price": product.price})


@login_required
@require_POST
def edit_review(request, pk):
    review = get_object_or_404(Review, pk=pk, author=request.user)
    for field, value in json.loads(request.body).items():
        setattr(review, field, value)
    review.save()
    return JsonResponse({"id": review.pk})


@login_required
@require_POST
def edit_supplier(request, pk):
    supplier = get_object_or_404(Supplier, pk=pk, owner=request.user)
    changes = json.loads(request.body)
    for field in ("name", "phone", "city"):
        if field in changes:
            setattr(supplier, field, changes[field])
    supplier.save()
    return JsonResponse({"id": supplier.pk})


@login_required
@require_POST
def create_product(request):
    product = Product.objects.create(**request.POST.dict())
    log.info("product %s created", product.pk)
    return JsonResponse({"id": product.pk}, status=201)


@login_required
@require_POST
def create_supplier(request):
    data = request.POST.dict()
    supplier = Supplier.objects.create(name=data["name"], city=data.get("city", ""), owner=request.user)
    log.info("supplier %s created", supplier.pk)
    return JsonResponse({"id": supplier.pk}, status=201)


def failed_import(request):
    try:
        batch = json.loads(request.body)
        created = [Product.objects.create(title=row["title"], price=row["price"]).pk for row in batch]
    except (KeyError, ValueError) as error:
        signed = signature_matches(request.headers.get("X-Signature", ""), request.body)
        log.warning("import failed, signed=%s: %r", signed, error)
        return JsonResponse({"error": "the batch could not be read"}, status=400)
    return JsonResponse({"created": created, "currency": settings.SHOP_CURRENCY})
