// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What this module may not know. */
@AnalyzeClasses(packages = "reflux.teacher", importOptions = ImportOption.DoNotIncludeTests.class)
final class TeacherArchitectureTest {

    @ArchTest
    static final ArchRule NATIVE_WORK_GOES_THROUGH_THE_MODEL_LIBRARY =
            noClasses().should().dependOnClassesThat().resideInAPackage("ai.djl..");

    @ArchTest
    static final ArchRule NO_OTHER_SERVICE_IS_KNOWN = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("reflux.generator..", "reflux.learner..", "reflux.deploy..");
}
