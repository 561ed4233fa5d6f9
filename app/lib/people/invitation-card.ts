/** What is shown once of an invitation that is handed over: the address with its picture, and the code. */
export interface InvitationCard {
  name: string;
  code: string;
  link: string;
  picture: { size: number; path: string };
}
