//! Enumerations that are text in the database and an enum in the schema, under the same names.

/// Derives what every such enum needs, so that its file holds only names and their meaning.
macro_rules! text_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $(#[$first_meta:meta])* $first:ident
            $(, $(#[$value_meta:meta])* $value:ident)* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
            sea_orm::EnumIter, sea_orm::DeriveActiveEnum, async_graphql::Enum,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name {
            // For rows that are yet to be filled in.
            #[default]
            $(#[$first_meta])* $first
            $(, $(#[$value_meta])* $value)*
        }
    };
}

pub(crate) use text_enum;
