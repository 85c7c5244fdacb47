//! Places within the parameters.

use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

/// Makes the value at this path null; `false` when there is no such place.
pub(super) fn clear(root: &mut Value, path: &Path) -> bool {
    let mut place = Some(root);
    for segment in path {
        place = place.and_then(|value| child(value, segment));
    }
    let Some(value) = place.filter(|value| !value.is_null()) else {
        return false;
    };
    *value = Value::Null;
    true
}

/// The keys of an object that is a list written as a form (`a[0]=x`), in the order of the numbers.
pub(super) fn numbered(object: &Map<String, Value>) -> Option<Vec<(u64, &str)>> {
    let mut keys: Vec<(u64, &str)> = object
        .keys()
        .map(|key| Some((key.parse().ok()?, key.as_str())))
        .collect::<Option<_>>()?;
    keys.sort_unstable();
    Some(keys).filter(|keys| !keys.is_empty())
}

fn child<'a>(value: &'a mut Value, segment: &Segment) -> Option<&'a mut Value> {
    match (segment, value) {
        (Segment::Map { key }, Value::Object(object)) => object.get_mut(key),
        (Segment::Seq { index }, Value::Array(list)) => list.get_mut(*index),
        (Segment::Seq { index }, Value::Object(object)) => {
            let key = numbered(object)?.get(*index)?.1.to_owned();
            object.get_mut(&key)
        }
        _ => None,
    }
}
