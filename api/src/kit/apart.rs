//! Parts of a root, each resolved on the heap by itself.
//!
//! A root awaits the fields of all its parts in one function, which would have room for each of
//! their futures on the stack at once: without optimisation that is more than a worker's stack.
//!
//! It also asks one part after the other until one has the field. Before a part said no, its future
//! was put on the heap, with room for the largest of its fields: of all that one product by its code
//! took, a twelfth went into that. So a part that does not have the field says so beforehand.
use std::{
    any::TypeId,
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::{LazyLock, Mutex, MutexGuard, OnceLock, PoisonError},
};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult,
    Value,
    parser::types::Field,
    registry::{MetaType, Registry},
};

/// The fields of each part, known since its type was registered.
static FIELDS: LazyLock<Mutex<HashMap<TypeId, HashSet<String>>>> = LazyLock::new(Mutex::default);

fn fields() -> MutexGuard<'static, HashMap<TypeId, HashSet<String>>> {
    FIELDS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Default)]
pub struct Apart<T> {
    part: T,
    fields: OnceLock<HashSet<String>>,
}

impl<T: OutputType + 'static> Apart<T> {
    fn has(&self, field: &str) -> bool {
        let own = || fields().get(&TypeId::of::<T>()).cloned();
        self.fields
            .get_or_init(|| own().unwrap_or_default())
            .contains(field)
    }
}

impl<T: ContainerType + 'static> ContainerType for Apart<T> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        match self.has(&ctx.item.node.name.node) {
            true => Box::pin(self.part.resolve_field(ctx)).await,
            false => Ok(None),
        }
    }
}

impl<T: OutputType + 'static> OutputType for Apart<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = T::create_type_info(registry);
        if let Some(MetaType::Object { fields: own, .. }) = registry.types.get(&*T::type_name()) {
            fields().insert(TypeId::of::<T>(), own.keys().cloned().collect());
        }
        name
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Box::pin(self.part.resolve(ctx, field)).await
    }
}

impl<T: ObjectType + 'static> ObjectType for Apart<T> {}
