import { m } from '#lib/paraglide/messages.js';
import { getLocale, setLocale } from '#lib/paraglide/runtime.js';
import { handsCredentials } from '#lib/credential/viewer.ts';
import { managesUnits, seesDeeds, seesPeople, seesResults, seesRights, seesUnits } from '#lib/org/viewer.ts';
import { seesPublications } from '#lib/publication/viewer.ts';
import { seesScanningCentres } from '#lib/scanning-centre/viewer.ts';
import { seesChecking, seesCollector } from '#lib/scanning/viewer.ts';
import { seesStudies } from '#lib/study/viewer.ts';
import { seesSurveys } from '#lib/survey/viewer.ts';
import type { MenuItem } from '#lib/ui/menu-item.ts';
import { applyTheme } from '#lib/ui/theme.ts';

/** Signs out by a form of its own: the cookie goes with the answer, and everything the page held goes with the page. */
function signOut(): void {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = '/sign-out';
  document.body.append(form);
  form.submit();
}

/** What decides which pages a person has. */
interface MenuReader {
  roles: readonly string[];
  readsLetters: boolean;
}

/** The pages of a person by his roles: his menu shows them, the search finds them. */
export function personPages({ roles, readsLetters }: MenuReader): { label: string; href: string }[] {
  return [
    { label: m.to_first_page(), href: '/' },
    { label: m.account(), href: '/account' },
    ...(seesPublications(roles) ? [{ label: m.publications_title(), href: '/publications' }] : []),
    ...(seesStudies(roles) ? [{ label: m.study_title(), href: '/study' }] : []),
    ...(seesSurveys(roles) ? [{ label: m.survey_menu(), href: '/survey' }] : []),
    ...(seesScanningCentres(roles) ? [{ label: m.scanning_title(), href: '/scanning-centres' }] : []),
    ...(seesCollector(roles) ? [{ label: m.collector_title(), href: '/collector' }] : []),
    ...(seesChecking(roles) ? [{ label: m.checking_title(), href: '/checking' }] : []),
    ...(seesResults(roles) ? [{ label: m.results_title(), href: '/results' }] : []),
    ...(seesUnits(roles) ? [{ label: m.units_title(), href: '/units' }] : []),
    ...(seesPeople(roles) ? [{ label: m.people_title(), href: '/people' }] : []),
    ...(managesUnits(roles) ? [{ label: m.imports_title(), href: '/imports' }] : []),
    ...(handsCredentials(roles) ? [{ label: m.credentials_title(), href: '/credentials' }] : []),
    ...(seesDeeds(roles) ? [{ label: m.deeds_title(), href: '/deeds' }] : []),
    ...(seesRights(roles) ? [{ label: m.rights_title(), href: '/rights' }] : []),
    ...(roles.includes('administrator') ? [{ label: m.settings(), href: '/settings' }] : []),
    ...(readsLetters ? [{ label: m.letters_title(), href: '/letters' }] : []),
  ];
}

/** The menu of the person who is signed in. Language and look are here too: a narrow screen has no room for their switches. */
export function personItems(reader: MenuReader): MenuItem[] {
  const items: MenuItem[] = personPages(reader);
  const other = getLocale() === 'ru' ? 'en' : 'ru';
  return [
    ...items,
    { label: m.other_language(), onselect: () => void setLocale(other), divider: true },
    { label: m.look_light(), onselect: () => applyTheme('light') },
    { label: m.look_dark(), onselect: () => applyTheme('dark') },
    { label: m.sign_out(), onselect: signOut, divider: true },
  ];
}
