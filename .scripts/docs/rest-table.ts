import type { z } from 'zod';
import { requests } from '#protocol/frames';
import { apiRoutes } from '../../server/routes/api.ts';
import { code, table } from './table.ts';

/** Every address of the API, with what it takes besides what stands in the address. */
export function restTable(): string {
  const rows = apiRoutes.map(({ method, path, kind }) => {
    const { input } = requests[kind];
    const forms = 'options' in input ? input.options : [input];
    const fields = forms.map((form) => fieldsOf(form).filter((field) => !path.includes(`:${field.replace('?', '')}`)).map(code).join(', '));
    return [method, code(path), fields.join('; or '), code(kind)];
  });
  return table(['method', 'address', 'fields', 'request'], rows);
}

/** Names of the fields, with a question mark where they can be left out, and with the value where there is but one. */
function fieldsOf({ shape }: z.ZodObject): string[] {
  return Object.entries(shape).map(([name, field]) => {
    if ('value' in field) return `${name}: "${String(field.value)}"`;
    return (field as z.ZodType).safeParse(undefined).success ? `${name}?` : name;
  });
}
