//! One product by its code.
use serde::{Deserialize, Serialize};
use sqlx::Error;

use crate::database::{Database, row, rows};

pub const SQL_OF: [(&str, &str); 1] = [("product", PRODUCT)];

const PRODUCT: &str = "
    SELECT product.code, product.level, product.description
    FROM product
    JOIN edition ON edition.id = product.edition_id
    WHERE edition.code = 'HS2022' AND product.code = $1 AND product.status = 'PUBLISHED'";

#[derive(Deserialize)]
pub struct ByCode {
    code: String,
}

row! {
    #[derive(Serialize)]
    Product { code: String, level: String, description: Option<String> }
}

#[derive(Serialize)]
pub struct Found {
    product: Option<Product>,
}

pub async fn product(db: &Database, asked: ByCode) -> Result<Found, Error> {
    let found: Vec<Product> = rows!(db, PRODUCT, asked.code)?;
    Ok(Found {
        product: found.into_iter().next(),
    })
}
