// What the form for a new book and the editors of the cards have in common: one submission at a time, and the
// service's complaint shown where it belongs.

// What a person is told when the connection, not the service, is the trouble.
const CONNECTION_TEXTS = {
  'system.connectionError': 'There is no connection: nothing was sent. Please try again.',
  'system.disconnect': 'The connection was lost before an answer came. Please look whether it was done.',
  'system.timeout': 'The book service did not answer in time. Please look whether it was done.',
};

export function describe(error) {
  return CONNECTION_TEXTS[error?.code] ?? error?.message ?? String(error);
}

export function showText(element, text) {
  element.textContent = text;
  element.hidden = text === '';
}

export function clearProblem(form) {
  showText(form.querySelector('.problem'), '');
  for (const input of form.querySelectorAll('input')) input.removeAttribute('aria-invalid');
}

function showProblem(form, error) {
  showText(form.querySelector('.problem'), describe(error));
  const input = form.elements.namedItem(error?.data?.field ?? '');
  if (!(input instanceof HTMLInputElement)) return;
  input.setAttribute('aria-invalid', 'true');
  input.focus();
}

// Calls `submit(values)` with the form's fields. A rejection is shown in the form, until the next attempt.
export function onSubmit(form, submit) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (form.hasAttribute('aria-busy')) return;
    clearProblem(form);
    form.setAttribute('aria-busy', 'true');
    try {
      await submit(Object.fromEntries(new FormData(form)));
    } catch (error) {
      showProblem(form, error);
    } finally {
      form.removeAttribute('aria-busy');
    }
  });
}
