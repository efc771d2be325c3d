// Runs before the first paint, so that a chosen theme never flashes: a classic script in the head, on purpose.
{
  const root = document.documentElement;
  const apply = (theme) => {
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  const stored = localStorage.getItem('demo-theme') ?? 'auto';
  apply(stored);

  document.addEventListener('DOMContentLoaded', () => {
    for (const input of document.querySelectorAll('.theme input')) {
      input.checked = input.value === stored;
      input.addEventListener('change', () => {
        localStorage.setItem('demo-theme', input.value);
        apply(input.value);
      });
    }
  });
}
