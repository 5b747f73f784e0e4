export class Preview {
  constructor(private readonly sanitizer: DomSanitizer) {}

  html(body: string): SafeHtml {
    // ruleid: js-angular-bypass-security
    return this.sanitizer.bypassSecurityTrustHtml(body);
  }

  icon(): SafeHtml {
    // ok: js-angular-bypass-security
    return this.sanitizer.bypassSecurityTrustHtml("<svg></svg>");
  }
}
