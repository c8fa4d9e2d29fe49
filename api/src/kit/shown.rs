//! How concepts stand in the schema: objects of a row's columns and the fields that their slice adds,
//! and unions of such objects. The library's derive macros say the same; these are written from their
//! rows where nothing of them has to be resolved.
use async_graphql::{
    ComplexObject, OutputType,
    registry::{MetaType, MetaTypeId, ObjectBuilder, Registry},
};
use sea_orm::EntityTrait;

use super::record::Concept;

/// A concept as an object, whose columns are fields as well.
macro_rules! object {
    ($($doc:literal)+ $type:ident) => {
        impl async_graphql::ContainerType for $type {
            async fn resolve_field(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> async_graphql::ServerResult<Option<async_graphql::Value>> {
                match async_graphql::ContainerType::resolve_field(&self.row, ctx).await? {
                    None => async_graphql::ComplexObject::resolve_field(self, ctx).await,
                    found => Ok(found),
                }
            }
        }

        impl async_graphql::OutputType for $type {
            fn type_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                $crate::kit::shown::object_in::<Self>(registry, &[$($doc),+])
            }

            async fn resolve(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                _: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                match $crate::kit::direct::object(ctx, self, &self.row, self.at).await? {
                    Some(value) => Ok(value),
                    None => async_graphql::resolver_utils::resolve_container(ctx, self).await,
                }
            }
        }

        impl async_graphql::ObjectType for $type {}
    };
}

/// One of some concepts.
macro_rules! union {
    (
        $(#[doc = $doc:literal])+
        $(#[expect($($expected:tt)+)])?
        $name:ident of $($type:ident),+ $(,)?
    ) => {
        $(#[doc = $doc])+
        $(#[expect($($expected)+)])?
        pub enum $name {
            $($type($type)),+
        }

        impl async_graphql::ContainerType for $name {
            async fn resolve_field(
                &self,
                _: &async_graphql::Context<'_>,
            ) -> async_graphql::ServerResult<Option<async_graphql::Value>> {
                Ok(None)
            }

            fn collect_all_fields<'a>(
                &'a self,
                ctx: &async_graphql::ContextSelectionSet<'a>,
                fields: &mut async_graphql::resolver_utils::Fields<'a>,
            ) -> async_graphql::ServerResult<()> {
                match self {
                    $(Self::$type(concept) => concept.collect_all_fields(ctx, fields)),+
                }
            }
        }

        impl async_graphql::OutputType for $name {
            fn type_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn introspection_type_name(&self) -> std::borrow::Cow<'static, str> {
                match self {
                    $(Self::$type(_) => <$type as async_graphql::OutputType>::type_name()),+
                }
            }

            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                let types: &[fn(&mut async_graphql::registry::Registry) -> String] =
                    &[$(<$type as async_graphql::OutputType>::create_type_info),+];
                let names = [$(<$type as async_graphql::OutputType>::type_name().into_owned()),+];
                $crate::kit::shown::union_in::<Self>(registry, &[$($doc),+], types, names.into())
            }

            async fn resolve(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                _: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                let value = match self {
                    $(Self::$type(concept) => {
                        $crate::kit::direct::object(ctx, concept, &concept.row, concept.at).await?
                    }),+
                };
                match value {
                    Some(value) => Ok(value),
                    None => async_graphql::resolver_utils::resolve_container(ctx, self).await,
                }
            }
        }

        impl async_graphql::UnionType for $name {}
    };
}

pub(crate) use {object, union};

pub fn object_in<C>(registry: &mut Registry, docs: &[&str]) -> String
where
    C: Concept + ComplexObject,
    <C::Entity as EntityTrait>::Model: OutputType,
{
    registry.create_output_type::<C, _>(MetaTypeId::Object, |registry| {
        let row = registry.create_fake_output_type::<<C::Entity as EntityTrait>::Model>();
        let mut fields = match row {
            MetaType::Object { fields, .. } => fields,
            _ => Default::default(),
        };
        fields.extend(C::fields(registry));
        ObjectBuilder::new(C::type_name(), fields)
            .rust_typename(std::any::type_name::<C>())
            .description(Some(description(docs)))
            .build()
    })
}

pub fn union_in<U: OutputType>(
    registry: &mut Registry,
    docs: &[&str],
    types: &[fn(&mut Registry) -> String],
    names: Vec<String>,
) -> String {
    registry.create_output_type::<U, _>(MetaTypeId::Union, |registry| {
        for create in types {
            create(registry);
        }
        MetaType::Union {
            name: U::type_name().into(),
            description: Some(description(docs)),
            possible_types: names.iter().cloned().collect(),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: Some(std::any::type_name::<U>()),
            directive_invocations: Vec::new(),
        }
    })
}

fn description(docs: &[&str]) -> String {
    let lines: Vec<_> = docs.iter().map(|line| line.trim()).collect();
    lines.join("\n")
}
