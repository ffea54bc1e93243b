"""Invented people by culture: how they write themselves, and the Latin letters of their address."""

from typing import Final

FAMILY_FIRST: Final = frozenset({"ja", "zh", "ko", "hu"})
"""Where the family name comes first."""

FIRST_NAMES: Final = {
    "sv": "Åsa/asa Björn/bjorn Märta/marta Östen/osten Sören/soren",
    "de": "Jürgen/juergen Käthe/kaethe Lükas/luekas Zoë/zoe Anneliese/anneliese",
    "fr": "Hélène/helene François/francois Chloé/chloe Aurélie/aurelie Gaël/gael",
    "es": "Íñigo/inigo Begoña/begona José/jose Lucía/lucia Andrés/andres",
    "pl": "Łukasz/lukasz Małgorzata/malgorzata Wojciech/wojciech Zofia/zofia Jędrzej/jedrzej",
    "cs": "Jiří/jiri Božena/bozena Čeněk/cenek Šárka/sarka Ondřej/ondrej",
    "tr": "Gökçe/gokce Şule/sule İpek/ipek Çağlar/caglar Oğuz/oguz",
    "hu": "Ágnes/agnes Győző/gyozo Zsófia/zsofia Ödön/odon Tünde/tunde",
    "is": "Þórdís/thordis Guðrún/gudrun Ólafur/olafur Æsa/aesa Sigurður/sigurdur",
    "vi": "Thảo/thao Đức/duc Phượng/phuong Hạnh/hanh Quỳnh/quynh",
    "ru": "Дарья/darya Фёдор/fyodor Ксения/kseniya Пётр/pyotr Юлия/yuliya",
    "uk": "Оксана/oksana Єгор/yehor Ярина/yaryna Богдан/bohdan Їванна/yivanna",
    "el": "Ελένη/eleni Γιώργος/giorgos Χρύσα/chrysa Σπύρος/spyros Ζωή/zoi",
    "ja": "美咲/misaki 健太/kenta さくら/sakura 大輔/daisuke 結衣/yui",
    "zh": "晓明/xiaoming 丽华/lihua 子涵/zihan 雨桐/yutong 志强/zhiqiang",
    "ko": "지우/jiwoo 서연/seoyeon 민준/minjun 하은/haeun 도윤/doyun",
    "he": "נועה/noa איתן/eitan שירה/shira יונתן/yonatan תמר/tamar",
    "ar": "ليلى/layla يوسف/yusuf سلمى/salma كريم/karim هدى/huda",
    "hi": "अनन्या/ananya रोहन/rohan दीपिका/deepika अर्जुन/arjun मीरा/meera",
    "en": "Maeve/maeve Rowan/rowan Imogen/imogen Desmond/desmond Philippa/philippa",
}
LAST_NAMES: Final = {
    "sv": "Åkerblad/akerblad Sjöquist/sjoquist Häggdal/haggdal Nyström/nystrom",
    "de": "Müllerschön/muellerschoen Großhans/grosshans Wäldle/waeldle Vößing/voessing",
    "fr": "Lefèvrier/lefevrier Beauchêne/beauchene D’Aubérac/dauberac Rivoiré/rivoire",
    "es": "Ibañeta/ibaneta Muñagorri/munagorri Quirós/quiros Peñalver/penalver",
    "pl": "Wiśnicki/wisnicki Brzęczek/brzeczek Żurawik/zurawik Gołębiak/golebiak",
    "cs": "Dvořánek/dvoranek Růžek/ruzek Křišťan/kristan Šťovíček/stovicek",
    "tr": "Yıldızoğlu/yildizoglu Şimşekçi/simsekci Gündüzalp/gunduzalp Çınarlı/cinarli",
    "hu": "Kőszegváry/koszegvary Szűcsfalvi/szucsfalvi Bárdossi/bardossi Tölgyes/tolgyes",
    "is": "Hallsdóttir/hallsdottir Bjarkason/bjarkason Fjóludóttir/fjoludottir Örnuson/ornuson",
    "vi": "Nguyễn/nguyen Trần/tran Đặng/dang Phạm/pham",
    "ru": "Соловьёва/solovyova Журавлёв/zhuravlyov Щеглова/shcheglova Берёзкин/beryozkin",
    "uk": "Шевчишин/shevchyshyn Гончаренко/honcharenko Їжакевич/yizhakevych Лісовська/lisovska",
    "el": "Παπαδημάκης/papadimakis Ξανθοπούλου/xanthopoulou Ψαράς/psaras Θεοχάρη/theochari",
    "ja": "佐々原/sasahara 渡部野/watabeno 小鳥遊/takanashi 森川/morikawa",
    "zh": "欧阳/ouyang 陈/chen 司徒/situ 林/lin",
    "ko": "남궁/namgung 황보/hwangbo 선우/sunwoo 제갈/jegal",
    "he": "בן־ארי/benari שקדי/shkedi אלמוג/almog כרמלי/karmeli",
    "ar": "النجار/alnajjar حدادين/haddadin الزهراني/alzahrani بركات/barakat",
    "hi": "मेहरोत्रा/mehrotra चतुर्वेदी/chaturvedi बनर्जी/banerji देशपांडे/deshpande",
    "en": "O’Shaughness/oshaughness Thistlewood/thistlewood Fairweather/fairweather Quill/quill",
}
COMPANIES: Final = (
    "Alpenglüh Software/alpenglueh",
    "Bright Harbour Labs/brightharbour",
    "Čarodej Systems/carodej",
    "Kōyō Denki/koyodenki",
    "Lumière & Fils/lumiere",
    "Nordlys Data/nordlys",
    "Οδός Τεχνολογίες/odos",
    "Pájaro Azul S.L./pajaroazul",
    "Quince & Medlar/quincemedlar",
    "Рассвет Софт/rassvet",
    "Saffron Rail/saffronrail",
    "Tinker’s Loom/tinkersloom",
    "云帆科技/yunfan",
    "Zeitgeber Werke/zeitgeber",
    "Øresund Analytics/oresund",
    "נחל אנליטיקה/nahal",
)
PRIVATE_DOMAINS: Final = ("letterbox.example", "pigeon.example", "brieftaube.example")
ROLES: Final = ("office", "hello", "people", "jobs")
"""Addresses of which nobody knows whose they are: no first name, nothing but a company."""
