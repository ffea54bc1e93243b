-- Provider groups of common recipient domains.
INSERT INTO lane_domain (domain, lane) VALUES
    ('gmail.com', 'google'), ('googlemail.com', 'google'),
    ('outlook.com', 'microsoft'), ('hotmail.com', 'microsoft'), ('live.com', 'microsoft'),
    ('msn.com', 'microsoft'), ('hotmail.fr', 'microsoft'), ('hotmail.co.uk', 'microsoft'),
    ('hotmail.de', 'microsoft'), ('hotmail.it', 'microsoft'), ('live.fr', 'microsoft'),
    ('yahoo.com', 'yahoo'), ('ymail.com', 'yahoo'), ('aol.com', 'yahoo'), ('yahoo.de', 'yahoo'),
    ('yahoo.fr', 'yahoo'), ('yahoo.co.uk', 'yahoo'), ('yahoo.it', 'yahoo'), ('yahoo.es', 'yahoo'),
    ('rocketmail.com', 'yahoo'),
    ('gmx.de', 'gmx'), ('gmx.net', 'gmx'), ('gmx.at', 'gmx'), ('gmx.ch', 'gmx'), ('gmx.com', 'gmx'),
    ('web.de', 'gmx'),
    ('icloud.com', 'apple'), ('me.com', 'apple'), ('mac.com', 'apple'),
    ('yandex.ru', 'yandex'), ('yandex.com', 'yandex'), ('ya.ru', 'yandex'),
    ('mail.ru', 'mailru'), ('bk.ru', 'mailru'), ('inbox.ru', 'mailru'), ('list.ru', 'mailru');
