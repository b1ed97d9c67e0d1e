import type { Language } from '../domain/language.ts';
import type { Terms } from '../domain/terms.ts';
import { fill } from './fill.ts';
import type { Text } from './texts.ts';

/**
 * The notice and the consent that come with the product, which are the school's to change. Plain words for a parent with
 * a small screen: the facts of the course stand above them, the questions below.
 */
const shipped: Readonly<Record<Language, Readonly<Record<'notice' | 'consent', Text<'school'>>>>> = {
  tr: {
    notice: `{school} görüntülü görüşmeyle ders yapmak ve bu derslerden bazılarını kaydetmek istiyor. Önce size soruyoruz; yalnızca kabul ettikleriniz yapılır. Kendi adınıza yanıt veriyorsanız burada çocuğunuz için söylenenler sizin için geçerlidir.

Sorumlu: {school}. Neyin kaydedileceğine okul karar verir, kayıtları okul saklar.

Neler: dersin görüntüsü ve sesi. Çocuğunuzun adı, yüzü, sesi, ekranda gösterdiği ve yazdığı şeyler bunların içinde olabilir. Görüşme, yukarıda adı geçen kanaldan geçer.

Neden: yalnızca yukarıda yazan neden için. Kayıt başka bir amaçla kullanılmaz.

Kim görebilir: kaydı yayından önce inceleyen okul çalışanları ve yalnızca sizin kabul ettiğiniz izleyiciler.

Ne kadar süreyle: yukarıda yazan güne kadar; gün yazmıyorsa okulun saklama kurallarına göre. Yasa daha uzun saklamayı zorunlu kılmıyorsa kayıt bu sürenin sonunda silinir.

Nasıl korunur: kayıt şifrelenir. Kimin ne zaman izlediği bir günlüğe yazılır.

Haklarınız: her soruya ayrı ayrı evet ya da hayır diyebilirsiniz. Hayır demeniz çocuğunuza zarar vermez: okul ona kaydedilmeyen bir yer ya da ders malzemesini sunar. Kayıtlarda neler bulunduğunu ve kimlerin izlediğini sorabilir, düzeltme ya da silme isteyebilir, Kişisel Verileri Koruma Kurumuna başvurabilirsiniz.

Vazgeçmek: istediğiniz zaman, neden göstermeden; size gönderilen bağlantıyla, yazıyla, e-postayla ya da telefonla. Okul o andan sonra kaydı izleyicilere kapatır. Daha önce izlenmiş olan geri alınamaz.

Sorularınızı okul yönetimi yanıtlar.`,
    consent: `{school} tarafından verilen bilgileri okudum. Aşağıdaki her soruyu özgürce ve ayrı ayrı yanıtlıyorum: evet dediğim yapılabilir, hayır dediğim yapılamaz. Hayır demenin çocuğuma bir zararı olmayacağını, her yanıtımı istediğim zaman değiştirebileceğimi biliyorum. Kendi adıma ya da velisi olarak adına imza atmaya yetkili olduğum çocuk için yanıt veriyorum.`,
  },
  en: {
    notice: `{school} would like to hold lessons by video call and record some. We ask you first, and only what you agree to is done. If you answer for yourself, “your child” means you.

Who is responsible: {school}. The school decides what is recorded and keeps the recordings.

What: picture and sound of the lesson. They may hold your child's name, face and voice, and what your child shows or writes. The call runs over the channel named above.

Why: only for the reason stated above. A recording is used for nothing else.

Who may see it: staff who check it before it is shown, and only those viewers whom you agree to.

How long: until the day stated above, or else by the school's rules. Unless a law demands longer, the recording is then erased.

How it is protected: it is encrypted, and a log says who watched it and when.

Your rights: answer each question by itself, with yes or no. A no does your child no harm: the school offers a seat that is not recorded, or the material of the lesson. You may ask what recordings hold and who watched them, demand correction or erasure, and complain to the data protection authority.

Changing your mind: at any time, without a reason; by the link that you were sent, in writing, by e-mail or by telephone. The recording is then closed to viewers. What was watched before cannot be taken back.

Ask the school office.`,
    consent: `I have read the information given by {school}. I answer each question below freely and by itself: what I say yes to may be done, what I say no to may not. I know that a no does my child no harm, and that I can change each answer at any time. I answer for myself, or for a child for whom I am entitled to sign as a parent or guardian.`,
  },
};

const version = 1;

/** The texts with which a school begins, in every language. */
export function termsTexts(school: string): Terms['texts'] {
  const textsOf = (language: Language) => ({
    notice: { version, text: fill(shipped[language].notice, { school }) },
    consent: { version, text: fill(shipped[language].consent, { school }) },
  });
  return { tr: textsOf('tr'), en: textsOf('en') };
}
