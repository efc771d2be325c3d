/** A table in Markdown; nothing where there are no rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.map(escape).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

export function code(text: string | undefined): string {
  return text === undefined || text === '' ? '' : `\`${text}\``;
}

function escape(cell: string): string {
  return cell.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|').trim();
}
