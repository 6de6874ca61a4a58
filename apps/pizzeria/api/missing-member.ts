// A member of the body that is required here and now, which a schema cannot say; answered like a schema's refusal.

export class MissingMember extends Error {
  readonly validation: readonly object[];
  readonly validationContext = 'body';
  readonly statusCode = 400;

  constructor(missingProperty: string) {
    super(`body/${missingProperty} is missing`);
    this.validation = [{ instancePath: '', keyword: 'required', params: { missingProperty } }];
  }
}
