import { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';

/** Whether a form was asked for, which the fetch adapter reads before anybody can see that the response is a 401. */
export function asksForForm({ responseType }: InternalAxiosRequestConfig): boolean {
  return responseType !== undefined && String(responseType).toLowerCase() === 'formdata';
}

/** Reads bytes as the form that was asked for. It fails as the adapter does: also for other statuses that are no forms. */
export async function readForm(response: AxiosResponse, config: InternalAxiosRequestConfig): Promise<void> {
  const type = response.headers['content-type'];
  try {
    const headers: Record<string, string> = typeof type === 'string' ? { 'content-type': type } : {};
    response.data = await new Response(response.data, { headers }).formData();
  } catch (error) {
    throw AxiosError.from(error, undefined, config, response.request);
  }
}
