//! Whether a type of the client has the form of one in the metadata: what is encoded by one is
//! decoded by the other. Names of types do not count, since each side may have its own; names of
//! fields and variants do.

use std::collections::BTreeSet;

use scale_info::{
    form::PortableForm, Field, MetaType, PortableRegistry, Registry, TypeDef, TypeDefPrimitive,
};

/// The type that stands for any: the client keeps its bytes as they are.
const ANY: &str = "Unread";

/// Fails with the place where `ours` has another form than the type `theirs` of the metadata.
pub(crate) fn same(ours: MetaType, metadata: &PortableRegistry, theirs: u32) -> Result<(), String> {
    let mut registry = Registry::new();
    let id = registry.register_type(&ours).id;
    let ours = PortableRegistry::from(registry);
    let mut comparison = Comparison {
        ours: &ours,
        theirs: metadata,
        seen: BTreeSet::new(),
    };
    comparison.same(id, theirs)
}

struct Comparison<'a> {
    ours: &'a PortableRegistry,
    theirs: &'a PortableRegistry,
    /// Pairs that are compared already, or just now further up: types may hold themselves.
    seen: BTreeSet<(u32, u32)>,
}

impl Comparison<'_> {
    fn same(&mut self, a: u32, b: u32) -> Result<(), String> {
        if !self.seen.insert((a, b)) {
            return Ok(());
        }
        let (ours, theirs) = (
            self.ours.resolve(a).unwrap(),
            self.theirs.resolve(b).unwrap(),
        );
        if ours.path.ident().as_deref() == Some(ANY) {
            return Ok(());
        }
        match (&ours.type_def, &theirs.type_def) {
            (TypeDef::Composite(x), TypeDef::Composite(y)) => self.fields(&x.fields, &y.fields),
            (TypeDef::Variant(x), TypeDef::Variant(y)) => {
                if x.variants.len() != y.variants.len() {
                    return Err(format!("{} has another number of variants", theirs.path));
                }
                for (x, y) in x.variants.iter().zip(&y.variants) {
                    if (&x.name, x.index) != (&y.name, y.index) {
                        return Err(format!("variant {} is {} here", x.name, y.name));
                    }
                    self.fields(&x.fields, &y.fields)
                        .map_err(|why| format!("variant {}: {why}", x.name))?;
                }
                Ok(())
            }
            (TypeDef::Sequence(x), TypeDef::Sequence(y)) => {
                self.same(x.type_param.id, y.type_param.id)
            }
            (TypeDef::Array(x), TypeDef::Array(y)) if x.len == y.len => {
                self.same(x.type_param.id, y.type_param.id)
            }
            (TypeDef::Compact(x), TypeDef::Compact(y)) => {
                self.same(x.type_param.id, y.type_param.id)
            }
            (TypeDef::Tuple(x), TypeDef::Tuple(y)) if x.fields.len() == y.fields.len() => {
                let pairs: Vec<_> = x
                    .fields
                    .iter()
                    .zip(&y.fields)
                    .map(|(x, y)| (x.id, y.id))
                    .collect();
                pairs.into_iter().try_for_each(|(x, y)| self.same(x, y))
            }
            (TypeDef::Primitive(x), TypeDef::Primitive(y)) if x == y => Ok(()),
            // A bounded list is a list with a name of its own.
            (TypeDef::Sequence(_), TypeDef::Composite(y)) if y.fields.len() == 1 => {
                self.same(a, y.fields[0].ty.id)
            }
            (TypeDef::Composite(x), TypeDef::Sequence(_)) if x.fields.len() == 1 => {
                self.same(x.fields[0].ty.id, b)
            }
            (x, y) => Err(format!("{} is not {}", kind(x), kind(y))),
        }
    }

    fn fields(
        &mut self,
        ours: &[Field<PortableForm>],
        theirs: &[Field<PortableForm>],
    ) -> Result<(), String> {
        if ours.len() != theirs.len() {
            return Err(format!("{} fields and not {}", ours.len(), theirs.len()));
        }
        for (x, y) in ours.iter().zip(theirs) {
            if x.name.is_some() && y.name.is_some() && x.name != y.name {
                return Err(format!("field {:?} is {:?} here", x.name, y.name));
            }
            let place = y.name.clone().unwrap_or_default();
            self.same(x.ty.id, y.ty.id)
                .map_err(|why| format!("field '{place}': {why}"))?;
        }
        Ok(())
    }
}

fn kind(definition: &TypeDef<PortableForm>) -> String {
    match definition {
        TypeDef::Primitive(primitive) => format!("{primitive:?}"),
        TypeDef::Array(array) => format!("an array of {}", array.len),
        TypeDef::Tuple(tuple) => format!("a tuple of {}", tuple.fields.len()),
        TypeDef::Composite(_) => "a record".into(),
        TypeDef::Variant(_) => "an enum".into(),
        TypeDef::Sequence(_) => "a list".into(),
        TypeDef::Compact(_) => "a compact number".into(),
        TypeDef::BitSequence(_) => "bits".into(),
    }
}

#[test]
fn a_number_of_another_width_a_renamed_field_and_a_new_variant_are_told_apart() {
    #[derive(scale_info::TypeInfo)]
    #[allow(dead_code)]
    struct Old {
        amount: u64,
    }
    #[derive(scale_info::TypeInfo)]
    #[allow(dead_code)]
    struct Renamed {
        sum: u64,
    }
    #[derive(scale_info::TypeInfo)]
    #[allow(dead_code)]
    struct Wide {
        amount: u128,
    }
    let mut registry = Registry::new();
    let mut id = |ty| registry.register_type(&ty).id;
    let (renamed, wide) = (id(MetaType::new::<Renamed>()), id(MetaType::new::<Wide>()));
    let (old, option) = (
        id(MetaType::new::<Old>()),
        id(MetaType::new::<Option<u8>>()),
    );
    let types = PortableRegistry::from(registry);
    let old_type = MetaType::new::<Old>();
    assert_eq!(same(old_type, &types, old), Ok(()));
    assert!(same(old_type, &types, renamed).unwrap_err().contains("sum"));
    assert!(same(old_type, &types, wide).unwrap_err().contains("amount"));
    assert!(same(MetaType::new::<Result<u8, ()>>(), &types, option).is_err());
    assert_ne!(TypeDefPrimitive::U8, TypeDefPrimitive::U16);
}
