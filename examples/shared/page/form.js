// Handles forms: it allows one submission at a time, and shows an error of the service next to the field it is about.
import { describe, showText } from './gateway.js';

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

// Calls `submit(values)` with the fields of the form when the user submits it. If it rejects, the error is shown in the
// form until the next attempt.
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
