// Instants that somebody far away must keep to, in their own time; English days and hours as everywhere here.

const language = document.documentElement.lang.replace(/^en$/, "en-GB");
const words = new Intl.DateTimeFormat(language, {
  weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});
for (const time of document.querySelectorAll("time[data-local]")) time.textContent = words.format(new Date(time.dateTime));
