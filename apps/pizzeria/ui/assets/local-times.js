// Instants in the visitor's own time; the server writes UTC.

const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

for (const time of document.querySelectorAll('time[data-local]'))
  time.textContent = format.format(new Date(time.dateTime));
