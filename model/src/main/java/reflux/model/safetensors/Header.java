// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a safetensors header says, checked: the tensors fill the data without gap or overlap.
 *
 * @param tensors by name, in the order of their data
 * @param dataStart where the data begins in the file
 */
record Header(Map<String, Place> tensors, Map<String, String> metadata, long dataStart) {
    /** A tensor and where its data begins, counted from {@code dataStart}. */
    record Place(TensorInfo info, long begin) {
        long end() {
            return begin + info.bytes();
        }
    }

    static Header of(List<Place> ordered, Map<String, String> metadata, long dataStart) {
        Map<String, Place> byName = new LinkedHashMap<>();
        ordered.forEach(place -> byName.put(place.info().name(), place));
        return new Header(byName, metadata, dataStart);
    }
}
