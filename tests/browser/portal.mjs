// What a developer and a maintainer do, by the ids and names that the pages promise to scripts (README.md) alone.
import { signIn } from "./browser.mjs";

export const DATA_POINTS = [
  "person.full_name",
  "person.roles",
  "student.enrolment_number",
  "student.branch.name",
  "contact_information.email_address",
];

/** So many words that count. */
export const words = (count) => Array.from({ length: count }, (_, index) => `word${index}`).join(" ");

/** Fills the form of `/developer/add`; categories are opened as a person would have to. */
export async function fillAddForm(page, { name, redirectUris, description, dataPoints = DATA_POINTS, agrees = true }) {
  await page.fill('[name="name"]', name);
  await page.fill('[name="redirect_uris"]', redirectUris.join("\n"));
  await page.fill('[name="description"]', description);
  for (const point of dataPoints) {
    const box = page.locator(`[name="data_points"][value="${point}"]`);
    const category = page.locator("details", { has: box });
    if ((await category.count()) > 0 && !(await category.evaluate((one) => one.open))) {
      await category.locator("summary").click();
    }
    await box.check();
  }
  await page.locator('[name="agrees_to_terms"]').setChecked(agrees);
}

/** Registers an app as a signed-in developer; its credentials as the dashboard shows them. */
export async function register(page, demo, app) {
  await page.goto(`${demo.issuer}/developer/add`);
  await fillAddForm(page, { description: words(130), ...app });
  await page.click("#app-add");
  const clientId = (await page.textContent("#client-id")).trim();
  const clientSecret = (await page.textContent("#client-secret")).trim();
  return { clientId, clientSecret };
}

/** Opens an app's review from the queue, as a signed-in maintainer. */
export async function openReview(page, demo, name) {
  await page.goto(`${demo.issuer}/maintainer/review`);
  const link = page.locator("a", { hasText: name });
  if ((await link.count()) > 0) await link.first().click();
  await page.getByRole("heading", { name }).first().waitFor();
}

/** Approves an app. */
export async function approve(page, demo, name, comment) {
  await openReview(page, demo, name);
  await page.fill("#review-comment", comment);
  await page.click("#review-approve");
}

/** Signs in on `/login` itself. */
export async function enter(page, demo, who) {
  await page.goto(`${demo.issuer}/login`);
  await signIn(page, who);
  await page.waitForURL(`${demo.issuer}/`);
}

/** The address to which an app sends the browser. */
export function authoriseUrl(demo, { clientId, callback, state, door = "authorise", ...more }) {
  const url = new URL(`${demo.issuer}/oauth/${door}`);
  const params = { client_id: clientId, redirect_uri: callback, state, ...more };
  for (const [name, value] of Object.entries(params)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}
