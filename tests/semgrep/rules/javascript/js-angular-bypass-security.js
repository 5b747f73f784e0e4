class Comments {
  constructor(sanitizer) {
    this.sanitizer = sanitizer;
  }
  html(comment) {
    // ruleid: js-angular-bypass-security
    return this.sanitizer.bypassSecurityTrustHtml(comment.body);
  }
  frame(id) {
    // ruleid: js-angular-bypass-security
    return this.sanitizer.bypassSecurityTrustResourceUrl("https://video.example.org/" + id);
  }
  link(url) {
    // ruleid: js-angular-bypass-security
    return this.sanitizer.bypassSecurityTrustUrl(url);
  }
  constant() {
    // ok: js-angular-bypass-security
    return this.sanitizer.bypassSecurityTrustHtml("<b>Hello</b>");
  }
  clean(comment) {
    // ok: js-angular-bypass-security
    return this.sanitizer.sanitize(SecurityContext.HTML, comment.body);
  }
  purified(comment) {
    // ok: js-angular-bypass-security
    return this.sanitizer.bypassSecurityTrustHtml(DOMPurify.sanitize(comment.body));
  }
  blob(file) {
    // ok: js-angular-bypass-security
    return this.sanitizer.bypassSecurityTrustUrl(URL.createObjectURL(file));
  }
}
