const cutSeconds = 10;
const button = document.getElementById('cut');
const state = document.getElementById('state');

button.addEventListener('click', async () => {
  button.disabled = true;
  await fetch(`/demo/cut?line=wire&seconds=${cutSeconds}`, { method: 'POST' });
  const backAt = Date.now() + cutSeconds * 1000;
  const timer = setInterval(tell, 250);
  tell();

  function tell() {
    const seconds = Math.ceil((backAt - Date.now()) / 1000);
    if (seconds > 0) {
      state.textContent = `Cut. Back in ${seconds} s.`;
      return;
    }
    clearInterval(timer);
    button.disabled = false;
    state.textContent = 'The line is good.';
  }
});
