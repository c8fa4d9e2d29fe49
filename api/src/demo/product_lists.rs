//! The goods that the story speaks of, and the HS codes that fit them.
//!
//! The article names no code: every choice here is the curator's, with its reason beside it.
use sea_orm::{DbErr, prelude::Uuid};

use super::story::{Product, ProductList, Story};

pub struct ProductLists {
    pub drones: Uuid,
    pub body_armor_ceramics: Uuid,
    pub protective_equipment: Uuid,
    pub thermal_optics: Uuid,
}

impl ProductLists {
    pub async fn enter(story: &mut Story) -> Result<Self, DbErr> {
        // The story is of 2023; drones have a heading of their own in this edition only.
        let hs2022 = story.edition("HS2022").await?;
        story.products(&hs2022, PRODUCTS).await?;
        Ok(Self {
            drones: story.product_list(&hs2022, DRONES).await?,
            body_armor_ceramics: story.product_list(&hs2022, BODY_ARMOR_CERAMICS).await?,
            protective_equipment: story.product_list(&hs2022, PROTECTIVE_EQUIPMENT).await?,
            thermal_optics: story.product_list(&hs2022, THERMAL_OPTICS).await?,
        })
    }
}

const DRONES: ProductList = ProductList {
    slug: "drones",
    title: "Drones",
    description: "Unmanned aircraft of every weight, as HS2022 sorts them. Drones that carry \
                  passengers (880610) are left out: nobody means them in this story. Left out as \
                  well are parts (8807) and toys (9503). Before 2022 there was no code for drones: \
                  they went as light aircraft, helicopters or cameras, among much else.",
    products: &[
        ("880621", "Remote control: small camera drones."),
        ("880622", "Remote control: most camera drones on sale."),
        ("880623", "Remote control: multicopters with a payload."),
        ("880624", "Remote control: farm and cargo drones."),
        ("880629", "Remote control: as heavy as light aircraft."),
        ("880691", "By programme: small camera drones."),
        ("880692", "By programme: most camera drones on sale."),
        ("880693", "By programme: multicopters with a payload."),
        ("880694", "By programme: farm and cargo drones."),
        ("880699", "By programme: as heavy as light aircraft."),
    ],
};

const BODY_ARMOR_CERAMICS: ProductList = ProductList {
    slug: "body-armor-ceramics",
    title: "Ceramics for body armor (candidates)",
    description: "No line of the HS is “ceramics for armor”: these two are where plates for body \
                  armor may be declared, among other goods. A stated total of such ceramics may \
                  have been summed over other codes, up to the whole of chapter 69.",
    products: &[
        (
            "690912",
            "Silicon carbide, boron carbide and the hardest alumina, of which plates are made, \
             reach 9 on the Mohs scale.",
        ),
        (
            "691490",
            "For plates that are not that hard: US customs moved an alumina plate here (ruling \
             H218236; known from a notice, not read).",
        ),
    ],
};

const PROTECTIVE_EQUIPMENT: ProductList = ProductList {
    slug: "protective-equipment",
    title: "Protective equipment",
    description: "What soldiers wear for protection: vests and helmets. The article says \
                  protective equipment and does not tell which. All three lines hold civilian \
                  goods too. Not listed are plates, which have a list of their own.",
    products: &[
        (
            "621133",
            "Bulletproof vests cut for men, when of aramid or other man-made fibres.",
        ),
        (
            "621143",
            "Bulletproof vests for men and women alike: US customs put them here (rulings \
             H020138, H86579).",
        ),
        (
            "650610",
            "Helmets, military ones among work and sports helmets. The article does not name them.",
        ),
    ],
};

const THERMAL_OPTICS: ProductList = ProductList {
    slug: "thermal-optics",
    title: "Thermal sights and cameras",
    description: "What the article calls thermal binoculars for watching targets at night, in \
                  retellings of Politico's report thermal optical sights. Both lines hold other \
                  optics too. Left out are binoculars (900510), which are for visible light, and \
                  the night vision goods of 852583, taken to be image intensifiers.",
    products: &[
        ("901310", "Sights for weapons, thermal ones among them."),
        (
            "852589",
            "Thermal cameras and viewers, most likely since HS2022: US customs took the question \
             up in 2023 (ruling H331315; not read).",
        ),
    ],
};

/// What the lists name and what stands above it, each after its parent.
const PRODUCTS: &[Product] = &[
    group("62", "Clothing and accessories that are not knitted"),
    group("6211", "Tracksuits, swimwear and other garments"),
    weighed("621133", "Other garments for men, of man-made fibres"),
    weighed("621143", "Other garments for women, of man-made fibres"),
    group("65", "Hats, helmets and their parts"),
    group("6506", "Other headgear"),
    counted("650610", "Helmets and other safety headgear"),
    group("69", "Ceramics"),
    group("6909", "Ceramics for laboratories, industry and farms"),
    weighed("690912", "Technical ceramics, 9 and more on the Mohs scale"),
    group("6914", "Other ceramic articles"),
    weighed("691490", "Other ceramic articles, not of porcelain"),
    group("85", "Electrical machines and electronics"),
    group("8525", "Transmitters for radio and television; cameras"),
    counted("852589", "Other television, digital and video cameras"),
    group("88", "Aircraft and spacecraft, with their parts"),
    group("8806", "Drones of all kinds"),
    counted("880621", "Remote-controlled drones, up to 250 g"),
    counted("880622", "Remote-controlled drones, over 250 g to 7 kg"),
    counted("880623", "Remote-controlled drones, over 7 kg to 25 kg"),
    counted("880624", "Remote-controlled drones, over 25 kg to 150 kg"),
    counted("880629", "Remote-controlled drones, over 150 kg"),
    counted("880691", "Other drones, up to 250 g"),
    counted("880692", "Other drones, over 250 g to 7 kg"),
    counted("880693", "Other drones, over 7 kg to 25 kg"),
    counted("880694", "Other drones, over 25 kg to 150 kg"),
    counted("880699", "Other drones, over 150 kg"),
    group("90", "Optical, measuring and medical instruments"),
    group("9013", "Lasers and other optical devices"),
    counted("901310", "Weapon sights, periscopes, built-in telescopes"),
];

const fn group(code: &'static str, description: &'static str) -> Product {
    Product {
        code,
        description,
        unit: None,
    }
}

const fn counted(code: &'static str, description: &'static str) -> Product {
    Product {
        code,
        description,
        unit: Some("u"),
    }
}

const fn weighed(code: &'static str, description: &'static str) -> Product {
    Product {
        code,
        description,
        unit: Some("kg"),
    }
}
