/** Chooses among the forms that a language counts with; `other` is the one that every language has. */
export function pluralOf(language: string): (count: number, forms: { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>) => string {
  const rules = new Intl.PluralRules(language);
  return (count, forms) => forms[rules.select(count)] ?? forms.other;
}
