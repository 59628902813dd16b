// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

import ai.djl.util.Platform;
import java.util.LinkedHashMap;
import java.util.Map;

/** The versions of the native libraries that do the maths. */
public final class NativeVersions {
    private NativeVersions() {}

    /** Names and versions, such as {@code torch: 2.7.1-... cpu}. Loads no library. */
    public static Map<String, String> all() {
        Platform torch = Platform.detectPlatform("pytorch");
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("torch", torch.getVersion() + " " + torch.getFlavor());
        versions.put("djl", String.valueOf(Platform.class.getPackage().getSpecificationVersion()));
        return versions;
    }
}
