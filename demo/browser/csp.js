// First in the head, so that no violation is missed.
{
  let count = 0;
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) => {
    count += 1;
    document.getElementById('violations').textContent =
      `${count} ${count === 1 ? 'violation' : 'violations'}: ${effectiveDirective} ${blockedURI} ${sourceFile}`;
  });
}
