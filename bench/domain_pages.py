"""Pages of known character, written for this project: for `bench.domains`, and for tests of word senses.

The good ones were written against the lists: each holds words of them in another sense. The bad ones hold few plain words.
"""

from __future__ import annotations

GOOD = {
    "dogs": (
        "Breeding advice. The bitch should be two years old before her first litter. A bitch in season "
        "attracts dogs from far away, so keep her indoors. Most bitches whelp within 63 days of mating. The "
        "stud dog and the bitch should both be tested. Bitches from working lines make good mothers. If the "
        "bitch rejects a pup, feed it by hand. Ask other breeders which bitch suits your dog. A bitch that "
        "has had two caesareans should not be bred again. The Kennel Club will not register more than four "
        "litters of one bitch. Show bitches are judged after dogs. Stud fees vary from four hundred pounds "
        "upward."
    ),
    "cooking": (
        "Traditional recipes from Scotland and the islands. Cock-a-leekie soup is made of a cock, leeks and "
        "prunes. Spotted dick is a suet pudding with currants. Faggots and peas are eaten in the Black "
        "Country. For coq au vin the cock marinates overnight. Toad in the hole needs a hot oven and good "
        "sausages. Rump steak is cut from the rear. Chicken breast, duck breast and turkey breast must be "
        "cooked through. Tart pastry should rest before rolling. Serve spotted dick with custard."
    ),
    "vibrator": (
        "Concrete works. Poke the vibrator into fresh concrete at intervals of half a metre and draw it out "
        "slowly. Internal vibrators with a diameter of forty millimetres suit most slabs. External vibrators "
        "are clamped to the formwork. Never drag the vibrator sideways. A vibrator that runs dry will "
        "overheat. Check vibrators daily; erection of scaffolding must be finished. Strip the formwork after "
        "two days. Strippers for paint are kept in the shed. The screw jack goes under the beam."
    ),
    "latex": (
        "LaTeX for beginners. Latex is a typesetting system. To compile a latex document run pdflatex. "
        "Bondage of floats can be loosened with the float package. Use fetish packages sparingly. Numbered "
        "equations are easy in latex. Cum grano salis. The cumulative distribution function is typeset with "
        "Phi. Compile, bibtex, compile."
    ),
    "rugby": (
        "Match report. The hooker threw straight and the hookers on both sides were penalised. The scrum half "
        "whipped the ball out. England banged over three penalties, and Wales sucked in the defenders before "
        "the touchdown. Both hookers left the field at half time. The tight head prop was naked aggression "
        "itself. A stripped ball led to the last try. Fans went home happy. Attendance was thirty thousand "
        "and the band played swing in the interval."
    ),
    "ford": (
        "For sale: Ford Escort 1.6, one owner, full service history. Also two Escorts for spares. The Escort "
        "has a new clutch, stripped engine, and a topless cabrio version was made in small numbers. Escorts "
        "of this age rust at the wheel arches. Escort RS Turbos fetch high prices. Naked bikes and mopeds "
        "also available. Our garage offers full service for all Escorts, tyres, brakes and exhausts. Call now "
        "for a test drive, open now until six, contact us on whatsapp."
    ),
    "breastfeeding": (
        "Breastfeeding help. If your nipples are sore, the baby may not be latched well. Hold the breast with "
        "your hand and touch the baby's mouth with your nipple. Cracked nipples heal within days. Engorged "
        "breasts can be eased by expressing. Wash your breasts and nipples with water only; no soap. Nipple "
        "shields are for a short time. Your breasts make as much milk as the baby sucks. When the baby sucks "
        "strongly you will feel it in both breasts. Thrush of the nipple needs treatment from your midwife. "
        "Naked skin contact helps."
    ),
    "kamasutra": (
        "The Kama Sutra is an ancient Indian Sanskrit text on sexuality, eroticism and emotional fulfilment. "
        "Only one of its seven parts deals with sexual positions and oral sex. Vatsyayana wrote on courtship, "
        "orgasm, kissing, courtesans and marriage. Richard Burton's translation of 1883 could be sold to "
        "members of a society only, since erotica was banned. Scholars see it as a guide to an art of living. "
        "Naked figures on the temples of Khajuraho show group sex and are visited by thousands. Later writers "
        "added commentary in the twelfth century."
    ),
    "carding_news": (
        "Three men have been jailed for running a carding forum. Investigators said that the site sold fullz, "
        "cvv dumps and cloned cards to more than 4,000 members. One vendor boasted of fresh cvv and dumps "
        "with pin. The court heard that cloned cards were used in Manchester. The judge said that the fraud "
        "had caused misery. Detectives of the cyber crime unit traced bitcoin payments. Banks have repaid the "
        "victims. A spokesman for the National Crime Agency said more arrests were likely."
    ),
    "gunpolicy": (
        "Ghost guns are untraceable guns made from kits. The rule requires a serial number. Before, one could "
        "buy a gun without background check in a parking lot. Opponents called the rule unconstitutional. "
        "Researchers at the university counted 19,000 unregistered guns that were seized. Sites on the dark "
        "net offered ak 47 for sale. The Supreme Court will hear the case in the spring, and several states "
        "have passed legislation."
    ),
    "ww2": (
        "Berlin 1936. Crowds shouted Sieg Heil and Heil Hitler as the torch came in. Heil Hitler became the "
        "compulsory greeting, and who did not say Heil Hitler was reported. Posters spoke of dirty Jews and "
        "of a Jewish world conspiracy. In 1938 the synagogues burned. The exhibition of the museum shows the "
        "banner, photographs and letters. The historian who curated it says that schools have booked until "
        "summer. Survivors of the Holocaust will speak on Sunday."
    ),
    "slurs": (
        "Etymology. The word nigger comes from Spanish negro and has been a slur since the eighteenth "
        "century. Kike may come from the Yiddish word for circle. Wetback, raghead and towelhead are ethnic "
        "slurs of the twentieth century. Linguists study how nigger has been reclaimed in one community as "
        "nigga. Dictionaries mark such words as offensive. Twain's novel uses the word nigger 219 times, and "
        "schools have debated an edition without it."
    ),
    "swearing": (
        "I said for fuck's sake shut the fucking door, it's freezing. He told me to fuck off, the cunt. Then "
        "the whole pub started laughing like idiots, and this twat from Leeds spilled his pint all over my "
        "new shoes. Shit happens I guess. What a bunch of wankers. We ended up at the kebab place at two in "
        "the morning, arguing about football and whether Dave still owed me twenty quid. He fucking does. "
        "Anyway that was my birthday, thirty years old and nothing to show for it but a hangover."
    ),
    "cosmetics": (
        "Our new nude palette has twelve nude shades from rosy nude to deep nude. Wear a nude lip with a "
        "smoky eye. Naked Honey smells of jasmine. Naked lipstick, nude gloss, nude nail polish: going nude "
        "was never so easy. For sexy lips choose a lip tease. Hot, horny as a devil, says our red. Strip off "
        "make up with cleansing oil. Facial masks and facials are offered in our salon."
    ),
    "lingerie": (
        "Lingerie and nightwear. Stockings, panties, bras and thongs in silk. Our busty range goes up to a K "
        "cup. Sexy, sensual and made for you. Free shipping on orders over fifty pounds. Top rated by "
        "customers. Sexy lace panties from nine pounds, stockings from six. Naked back bodysuit, strapless "
        "and topless bikini bottoms. Tease him with our babydoll. Order today, buy now, discreet packaging, "
        "add to cart. Sign up now for our newsletter and get ten per cent."
    ),
    "assault": (
        "What to do after rape or sexual assault. You are not to blame. Forced oral sex, anal sex and "
        "penetration with fingers are rape. You can go to a sexual assault referral centre without the "
        "police. Do not wash. A nurse or a doctor can take samples from the vagina, anus and mouth. Revenge "
        "porn is a crime, too. If he shared naked pictures or nudes of you, or filmed you having sex, call "
        "us. Support is confidential. Survivors tell us that talking helped."
    ),
    "hiv": (
        "HIV and gay men. Bareback sex, that is anal sex without a condom, carries a risk. Use lube. Cum in "
        "the mouth is a low risk. Fisting, rimming and group sex can pass on hepatitis C. If your cock hurts "
        "or you see discharge, get a test. Undetectable means untransmittable. PrEP is available from "
        "clinics. Chemsex with meth or mephedrone makes risks greater. Our charity gives out condoms in "
        "saunas. Call our helpline on weekdays."
    ),
    "novel": (
        "She undressed by the window, slowly, and he watched the snow falling behind her naked shoulders. Her "
        "lips were cold. He kissed her breasts and she moaned, and later they lay without a word until the "
        "stove had gone out. In the morning the road was closed. They walked to the village for bread. He "
        "thought of the letter from Anna, which he hadn't opened, and of the train that would not come. Lust, "
        "he thought, was a word for other people. The inn-keeper wanted to be paid in coins."
    ),
    "urbanfarm": (
        "Keeping chickens. A cock crows before sunrise, and neighbours may complain. Two cocks in one run "
        "will fight. Cocks are not needed for eggs. Cockerels can be told by their combs. Tits and sparrows "
        "steal the feed. Boobies and shags are seabirds, and the blue-footed booby dances. Beavers, asses and "
        "pussy willows can be seen at the park, and horny toads at the reptile house."
    ),
    "theatre": (
        "Live tonight at the playhouse: a naked Hamlet, uncensored and uncut, with stripped stage and nude "
        "scenes. Tickets on sale now. Members only evening on Friday; join now for priority booking. Watch "
        "online streaming of last year's Salome with the dance of the seven veils, steamy, sensual and "
        "wicked. Full length, no interval. Suitable for over 18 only: contains nudity, strobe lights, and "
        "strong language. Playful, seductive and tantalizing, wrote the Herald."
    ),
    "filmlist": (
        "Films banned in Britain. Deep Throat was a pornographic film of 1972; its star said that she had "
        "been forced. Last Tango in Paris, Crash, Baise-moi and Ai no corrida were cut by the censor. "
        "Pornographic films were shown in clubs. Emmanuelle made softcore respectable. Caligula has scenes "
        "with orgies that the director didn't shoot. In 1984 the Video Recordings Act required a certificate. "
        "Critics defended Salo. Erotica by Borowczyk was shown at a festival in the nineties."
    ),
    "drugpolicy": (
        "How dealers advertise. Police in Leeds warned parents of accounts on Snapchat and Telegram that "
        "offer cocaine for sale, ketamine for sale and mdma for sale next to emojis. Menus say fast delivery. "
        "Buy cocaine online, one account said. A plug emoji means a dealer. Researchers found that one in "
        "four young people saw such adverts. Report the account, keep evidence, and talk to your child. "
        "Charities offer advice and counselling."
    ),
}
"""Pages that a list of words condemns and nobody should."""

ADULT = {
    "leet": (
        "Fr33 p0rn v1ds!! H0t t33n sl*ts get f*cked hard, huge c0cks in t1ght pu$$y. Watch bl0wjobs, an4l and "
        "c*mshots now. No sign up. H0rny g1rls near you want to f@ck tonight. Click here for xxx p0rn, s3x "
        "c4ms and live n@ked babes. 100% free, new v1deos every day, amateur, M1LF, as1an, t33n, gangb4ng."
    ),
    "escort": (
        "Hello gentlemen, I am Mia, a petite brunette with natural curves and soft skin. I love to please you "
        "and take my time. My services: girlfriend experience, body to body massage, kissing, full service, "
        "role play, striptease. Incall in a discreet flat in the centre, outcall to your hotel. 150 per hour, "
        "250 for two hours, no hidden numbers. Call me or text me on whatsapp, available now until late "
        "tonight. Clean and discreet gentlemen only, no rush, no limits. Let me make your fantasies come "
        "true."
    ),
    "dating": (
        "Lonely housewives in your area are looking for a secret affair tonight. No strings attached, no "
        "commitment, just hot sex. Thousands of naughty women near you are online and waiting for you. Browse "
        "naked photos, flirt on cam and meet horny singles tonight. Join free, create a free account in one "
        "minute. You must be 18. Discreet hookups with cheating wives, cougars and college girls. Sign up now "
        "and start chatting with sexy locals who want to undress for you."
    ),
    "story": (
        "He pushed his hard cock into her wet pussy and she moaned and begged him to fuck her harder. Her "
        "tits bounced as she rode him. She licked the cum from her lips and swallowed. Oh god, fuck me, fuck "
        "my ass, she screamed. Her stepbrother watched and stroked his huge cock. She took it deep in her "
        "throat and gagged. He spread her legs, licked her clit until she came and squirted all over the bed. "
        "They came together and fell asleep naked."
    ),
    "tube": (
        "MILF takes big black cock. Teen stepsister creampie. Busty blonde blowjob. Lesbian sex with strapon. "
        "Asian amateur anal. Big tits POV handjob. Ebony gangbang. Homemade threesome with cumshot. "
        "Categories: amateur, anal, big tits, blowjob, creampie, ebony, hardcore, milf, teen. Most viewed. "
        "Top rated. Related videos. HD 12:43 95% 1.2M views. HD 08:11 88%. Upload your porn. DMCA. 18 U.S.C. "
        "2257."
    ),
    "camsoft": (
        "She is nineteen, shy, and she just went online. Her room is open and she would do anything to make "
        "you smile. Watch her slip out of her lingerie, tease you with her stockings, and touch herself while "
        "you tell her how. Start a private chat, send a tip and see her blush. Hundreds of gorgeous ladies "
        "are live now, blondes, redheads, curvy mature women and naughty students. Create a free account, no "
        "credit card needed. Adults only. Let her know your wildest fantasies, she is waiting for you in her "
        "bedroom, completely naked."
    ),
    "massage": (
        "Welcome to the most sensual parlour in town. Our lovely young ladies will spoil you with a nuru "
        "massage, body to body, four hands, and always with a happy ending. Relax in the jacuzzi, watch them "
        "undress, and let their naked bodies slide over yours. Tantric touch, prostate massage, mutual "
        "pleasure, couples welcome. Prices start at eighty. Open now, late into the night. Discreet entrance "
        "at the back. Call now and ask for our naughty newcomer."
    ),
}
"""Adult sites: listings, stories, and advertisements in euphemism or disguise."""

HARM = {
    "cards": (
        "Welcome to our shop. Fresh dumps track 1 and 2 with pin, US EU CA, valid rate 95%. CVV with full "
        "info: SSN, DOB, MMN. Fullz for sale. Cloned cards shipped worldwide in two days, stealth packaging. "
        "PayPal and bank logs with high balance. Minimum order 100 USD in bitcoin. Refund for dead cards "
        "within 24 hours. Contact us on telegram or icq. No time wasters, no samples. Bulk prices for "
        "resellers."
    ),
    "drugs": (
        "Order now with overnight delivery: pure cocaine, crystal meth, mdma, ketamine and heroin for sale. "
        "Buy oxycodone online no prescription. Buy xanax online without prescription, percocet, adderall. "
        "Stealth shipping worldwide, discreet packaging, vacuum sealed, tracking number provided. Best prices "
        "for bulk orders. Payment in bitcoin, monero, cash app. Contact us on wickr or telegram. 100% "
        "satisfaction guaranteed or reship. No minimum."
    ),
    "papers": (
        "We are the best producers of quality documents. We sell real and fake passports, drivers licenses, "
        "ID cards, visas, diplomas and counterfeit money that passes all tests. Registered and unregistered "
        "passports of USA, UK, Canada, Germany. Buy fake passport online, buy drivers license online, buy "
        "counterfeit money. Undetected counterfeit notes with holograms. Delivery by DHL in three days. "
        "Contact us on whatsapp or telegram. Serious customers only, payment in bitcoin."
    ),
    "hate": (
        "The jews are vermin and the white race must wake up. Kill the jews, gas the kikes, race war now. The "
        "holohoax is a lie, Hitler was right. White power, white pride. Niggers and mud people are flooding "
        "our land and the zionist occupied government opens the gates. Day of the rope is coming for every "
        "race traitor. Fourteen words. Sieg heil brothers, join us, share this and wake up your neighbours."
    ),
}
"""Stolen cards, drugs, forged papers and hatred, each offered or called for."""
