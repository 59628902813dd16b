// SPDX-License-Identifier: Apache-2.0
package reflux.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.dependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The import rules of the house; what stands here is what a reader may rely on. */
@AnalyzeClasses(packages = "reflux", importOptions = ImportOption.DoNotIncludeTests.class)
class ImportRulesTest {
    private static final String GRPC = "io.vertx.grpc..";
    private static final String DJL = "ai.djl..";

    @ArchTest
    static final ArchRule teacher_knowsNoOtherService = noClasses()
            .that()
            .resideInAPackage("reflux.teacher..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("reflux.generator..", "reflux.learner..", "reflux.deploy..");

    @ArchTest
    static final ArchRule generator_knowsNoOtherService = noClasses()
            .that()
            .resideInAPackage("reflux.generator..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("reflux.teacher..", "reflux.learner..", "reflux.deploy..");

    @ArchTest
    static final ArchRule learner_knowsNoOtherService = noClasses()
            .that()
            .resideInAPackage("reflux.learner..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("reflux.teacher..", "reflux.generator..", "reflux.deploy..");

    @ArchTest
    static final ArchRule wire_isPlain = noClasses()
            .that()
            .resideInAPackage("reflux.wire..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(DJL, "io.vertx..", "reflux.rpc..", "reflux.model..");

    @ArchTest
    static final ArchRule rpc_knowsNoModel = noClasses()
            .that()
            .resideInAPackage("reflux.rpc..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(DJL, "reflux.model..");

    @ArchTest
    static final ArchRule model_knowsNoNetwork = noClasses()
            .that()
            .resideInAPackage("reflux.model..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..", "io.netty..", "reflux.rpc..", "reflux.wire..", "reflux.v1..");

    @ArchTest
    static final ArchRule nativeCode_isTouchedInTwoPackagesOnly = noClasses()
            .that()
            .resideOutsideOfPackages("reflux.model.engine..", "reflux.model.text..", DJL)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(DJL);

    @ArchTest
    static final ArchRule noClass_meetsBothGrpcAndNativeCode = classes()
            .that(com.tngtech.archunit.base.DescribedPredicate.not(resideInAPackage(DJL)))
            .should(com.tngtech.archunit.lang.conditions.ArchConditions.not(dependOnClassesThat(resideInAPackage(GRPC)))
                    .or(com.tngtech.archunit.lang.conditions.ArchConditions.not(
                            dependOnClassesThat(resideInAPackage(DJL)))));

    @ArchTest
    static final ArchRule alignment_isPureJava = noClasses()
            .that()
            .resideInAPackage("reflux.learner.align..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    DJL,
                    "io.vertx..",
                    "reflux.v1..",
                    "reflux.rpc..",
                    "reflux.model.engine..",
                    "reflux.learner.loss.."));

    @ArchTest
    static final ArchRule losses_knowAlignmentAndProjectorOnly = noClasses()
            .that()
            .resideInAPackage("reflux.learner.loss..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.vertx..", "reflux.v1..", "reflux.rpc..", "reflux.learner.ledger..", "reflux.learner.publish..");

    @ArchTest
    static final ArchRule packagesOfTheModel_haveNoCycles =
            slices().matching("reflux.model.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule packagesOfTheLearner_haveNoCycles =
            slices().matching("reflux.learner.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule packagesOfTheLauncher_haveNoCycles =
            slices().matching("reflux.deploy.(*)..").should().beFreeOfCycles();
}
