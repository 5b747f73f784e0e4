from django.http import HttpResponse, HttpResponseForbidden


def close_account(request, account):
    # ruleid: py-assert-authorisation
    assert request.user.is_staff
    account.close()
    return HttpResponse(status=204)


def delete_post(request, post):
    # ruleid: py-assert-authorisation
    assert request.user.has_perm("blog.delete_post"), "not allowed"
    post.delete()
    return HttpResponse(status=204)


def login(user, password):
    # ruleid: py-assert-authorisation
    assert user.check_password(password)
    return user.start_session()


def close_account_safely(request, account):
    # ok: py-assert-authorisation
    if not request.user.is_staff:
        return HttpResponseForbidden()
    account.close()
    return HttpResponse(status=204)


def test_admin_is_staff(admin):
    # ok: py-assert-authorisation
    assert admin.is_staff


def total(order):
    # ok: py-assert-authorisation
    assert order.lines is not None
    return sum(line.price for line in order.lines)
